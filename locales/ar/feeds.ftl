# The pages of the console about feeds.
console-feeds = الخلاصات

# The list of feeds.
feeds-lede = من أين تأتي مقالاتكم. الخلاصات التي لا تُقرأ تأتي أولًا.
feeds-empty = لا نشرة تقرأ خلاصة بعد. أضيفوا عنوان موقع تريدون قراءته.
feeds-none = لا خلاصة تطابق ذلك.
feeds-text = جزء من الاسم أو العنوان
feeds-failing = لا تُقرأ
feeds-unused = لا تقرؤها أي نشرة
feeds-more = خلاصات أخرى
feed-articles =
    { $count ->
        [zero] لا مقالات في 7 أيام
        [one] مقال واحد في 7 أيام
        [two] مقالان في 7 أيام
        [few] { $count } مقالات في 7 أيام
        [many] { $count } مقالًا في 7 أيام
       *[other] { $count } مقال في 7 أيام
    }
feed-read = قُرئت { $time }
feed-never-read = لم تُقرأ بعد
feed-next = الطلب التالي { $time }
feed-failing-since = منذ { $time }

# Why a feed cannot be read, and what to do.
feed-gone = أغلق الناشر هذه الخلاصة
feed-gone-advice = لم تعد تُجلب. ابحثوا عن عنوان جديد في موقع الناشر وأضيفوه، ثم أزيلوا هذه.
feed-missing = لا شيء في هذا العنوان (404)
feed-missing-advice = افتحوا موقع الناشر وابحثوا عن الخلاصة. إن كانت قد انتقلت فأضيفوا العنوان الجديد وأزيلوا هذا.
feed-refused = يرفض الخادم إرسالها
feed-refused-advice = اسألوا الناشر إن كان يُسمح للبرامج بقراءة الخلاصة. وإن احتاجت إلى تسجيل دخول فأدخلوه في صفحة الخلاصة.
feed-busy = لدى الخادم مشكلة
feed-busy-advice = يُعاد المحاولة تلقائيًا. لا حاجة لفعل شيء إلا إذا استمر ذلك أيامًا.
feed-unreachable = يتعذر الوصول إلى الخادم
feed-unreachable-advice = يُعاد المحاولة تلقائيًا. إن استمر ذلك فتحققوا من صحة العنوان.
feed-not-a-feed = لا خلاصة في هذا العنوان
feed-not-a-feed-advice = أضيفوا عنوان صفحة الناشر: تُعثر على الخلاصة التي تشير إليها.
feed-not-allowed = لا تسمح الإعدادات بهذا العنوان
feed-not-allowed-advice = إن كان صحيحًا فاطلبوا ممن يدير Daywire إضافته إلى feeds.allow.
feed-proxy = لا يفتح الخادم الوكيل طريقًا إلى الخادم
feed-proxy-advice = تُجلب كل الخلاصات عبره. اطلبوا ممن يدير Daywire التحقق من feeds.proxy.
feed-failed = تتعذر قراءتها
feed-failed-advice = يُعاد المحاولة تلقائيًا. السطر أدناه يذكر ما حدث.

# One feed.
feed-health = حالتها
feed-last-request = آخر طلب
feed-interval = تُجلب كل
feed-minutes =
    { $count ->
        [zero] { $count } دقيقة
        [one] دقيقة
        [two] دقيقتين
        [few] { $count } دقائق
        [many] { $count } دقيقة
       *[other] { $count } دقيقة
    }
feed-flood = مستبعد
feed-flood-text =
    { $count ->
        [zero] لا مدخلات فوق حد الجلب الواحد، { $time }
        [one] مدخل واحد فوق حد الجلب الواحد، { $time }
        [two] مدخلان فوق حد الجلب الواحد، { $time }
        [few] { $count } مدخلات فوق حد الجلب الواحد، { $time }
        [many] { $count } مدخلًا فوق حد الجلب الواحد، { $time }
       *[other] { $count } مدخل فوق حد الجلب الواحد، { $time }
    }
feed-fetch = جلب الآن
feed-newsletters = تقرؤها
feed-no-newsletter = لا نشرة تقرأ هذه الخلاصة، فلا تُجلب.
feed-read-since = منذ { $time }
feed-read-for = أيضًا لـ
feed-add-to = إضافة
feed-remove = إيقاف القراءة …
feed-remove-text = لا تصل { $newsletter } مقالات جديدة من هذه الخلاصة. تبقى المقالات التي وصلت، ويمكن أن تظهر المنتظرة في عدد.
feed-remove-button = إيقاف قراءتها لـ { $newsletter }
feed-on-site = على الموقع
feed-is-whole = يعرض الموقع مقالات هذه الخلاصة كاملة.
feed-is-excerpt = يعرض الموقع مقتطفًا من كل مقال ويشير إلى الناشر.
feed-show-whole = عرضها كاملة: هي لنا أو وافق الناشر
feed-show-excerpts = عرض مقتطفات
feed-text = نص المقالات
feed-text-of-feed = نص المقال هو ما تحتويه الخلاصة.
feed-text-of-page = إذا كان المدخل في الخلاصة بضعة أسطر فقط، يؤخذ النص من صفحة المقال.
feed-take-page = إذا كان المدخل بضعة أسطر فقط، يؤخذ النص من صفحة المقال
feed-take-feed = أخذ نص الخلاصة فقط
feed-text-note = يكون لدى الموقع وبحثه عندئذ أكثر من مقتطف، ويبقى الرابط إلى الناشر. لا يُعرض النص كاملًا إلا إذا سمحت بذلك للخلاصة. يسري هذا على المقالات الجديدة.
feed-page-failed = لم تُستخدم صفحة، { $time }:
feed-request = تسجيل الدخول والطلبات
feed-user-agent = اسم البرنامج (User-Agent)
feed-user-agent-note = لخادم لا يجيب إلا بعض البرامج. فارغ: كما في كل الخلاصات.
feed-login-name = اسم تسجيل الدخول
feed-login-note = HTTP Basic. لا يُرسل إلا إلى خادم هذه الخلاصة. فارغ: بلا تسجيل دخول.
feed-login-password = كلمة مرور تسجيل الدخول
feed-login-kept = كلمة المرور محفوظة. اتركوا الحقل فارغًا للإبقاء عليها.
feed-headers = حقول ترويسة إضافية
feed-headers-note = حقل في كل سطر بصيغة «Name: value». لا تُرسل إلا إلى خادم هذه الخلاصة، ولا تُعرض قيمها ثانية. «Name:» يُبقي القيمة، وحذف السطر يحذف الحقل.
feed-request-save = حفظ
feed-request-refused = لا يمكن إرسال هذا: { $reason }
feed-latest = آخر مقالاتها
feed-no-article = لم تجلب أي مقال بعد.

# Adding feeds.
feed-add = إضافة خلاصة
feed-needs-newsletter = النشرة هي التي تقرأ الخلاصات. أنشئوا نشرة أولًا.
feed-by-address = بعنوانها
feed-address = عنوان الخلاصة أو صفحة تشير إليها
feed-address-note = مثل example.org. يُقرأ فورًا لتروا إن كان يعمل.
feed-for = للنشرة
feed-full-text = يعرض الموقع مقالاتها كاملة: هي لنا أو وافق الناشر.
feed-add-button = إضافة الخلاصة
feed-add-anyway = إضافتها على أي حال
feed-unreadable = لم يُضف شيء لأنه لا يمكن قراءة خلاصة هناك الآن. صححوا العنوان أو أضيفوه على أي حال: تُعاد المحاولة مرارًا.
feed-address-refused = لا يمكن قراءة هذا العنوان: { $reason }
feeds-found = تشير هذه الصفحة إلى عدة خلاصات. أيها؟
feeds-from-list = من قائمة
feeds-from-list-text = تصدّر قارئات الخلاصات ملف OPML. اختاروا الملف أو الصقوا محتواه.
feeds-file = ملف
feeds-add-all = إضافة هذه الخلاصات
feeds-not-a-list = هذا ليس OPML أو أنه ناقص. صدّروا القائمة مرة أخرى والصقوها كاملة. لم يُضف شيء.
feeds-imported = أُضيف: { $added }. كانت تُقرأ: { $known }.
feeds-refused = لم تُضف هذه:
feeds-only-site = في القائمة الصفحة { $site } فقط؛ أضيفوا هذا العنوان أعلاه
feeds-no-address = ليس لها عنوان يمكن قراءته

# After an action.
notice-feed-added = أُضيفت الخلاصة. تُقرأ بعد لحظات؛ ومن المقالات الأقدم يدخل العدد التالي ما كان في اليوم الأخير فقط.
notice-feed-known = تقرأ النشرة هذه الخلاصة بالفعل.
notice-feed-changed = عُدّلت الخلاصة.
notice-feed-due = تُقرأ الخلاصة بعد لحظات. أعيدوا تحميل الصفحة لرؤية النتيجة.
notice-feed-removed = لم تعد النشرة تقرأ الخلاصة. تبقى مقالاتها.
