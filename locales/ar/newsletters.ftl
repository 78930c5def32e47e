# The pages of the console about newsletters.
console-newsletters = النشرات

# The list, and one newsletter.
newsletters-empty = لا توجد نشرة بعد. أنشئوا الأولى: تقرأ الخلاصات ويمكن الاشتراك فيها.
newsletters-removed = المزالة
newsletter-create = إنشاء نشرة
newsletter-create-button = إنشاء
newsletter-create-note = لا يلزم إلا الاسم القصير والاسم. ويمكن تغيير كل ما عداهما لاحقًا.
newsletter-edit = تغيير
newsletter-edit-title = تغيير «{ $name }»
newsletter-edit-note = تحتفظ المسودة المجموعة بقواعدها. للحقول الفارغة قيمها المبدئية.
newsletter-hidden = مخفية
newsletter-shown = ظاهرة على الموقع
newsletter-on-demand = تُرسل عند الطلب
newsletter-next = العدد التالي { $time }
newsletter-readers =
    { $count ->
        [zero] لا قراء
        [one] قارئ واحد
        [two] قارئان
        [few] { $count } قراء
        [many] { $count } قارئًا
       *[other] { $count } قارئ
    }
newsletter-reader-count = القراء
newsletter-feeds =
    { $count ->
        [zero] لا خلاصات
        [one] خلاصة واحدة
        [two] خلاصتان
        [few] { $count } خلاصات
        [many] { $count } خلاصة
       *[other] { $count } خلاصة
    }
newsletter-coming = المواعيد القادمة
newsletter-past = المواعيد السابقة
newsletter-no-run = لم يحن أي موعد بعد.
run-local = التوقيت المحلي
run-no-issue = لا عدد: { $day }
run-clock-skips = تتخطى الساعة هذا الوقت في ذلك اليوم فيخرج العدد بعده مباشرة.
run-clock-repeats = تعرض الساعة هذا الوقت مرتين في ذلك اليوم.
run-claimed = قيد الجمع
run-drafted = المسودة تنتظر
run-empty = لا شيء للإرسال
newsletter-facts = عن النشرة
newsletter-created = أُنشئت
newsletter-changed = آخر تغيير
newsletter-file = كملف
newsletter-file-text = النشرة في قاعدة البيانات، ولا يقرأ البرنامج ملفًا عند بدئه. الأمر «daywire newsletter apply ملف» وحده يستبدلها بكل مفاتيح ذلك الملف ويعرض ما يغيّره. قبل تطبيق ملف أقدم انقلوا هذا النص إليه وإلا ضاعت التغييرات التي أُجريت هنا.

# Removing one.
newsletter-remove = إزالة …
newsletter-remove-title = إزالة «{ $name }»؟
newsletter-remove-readers =
    { $count ->
        [zero] لا ينتهي أي اشتراك.
        [one] ينتهي اشتراك واحد.
        [two] ينتهي اشتراكان.
        [few] تنتهي { $count } اشتراكات.
        [many] ينتهي { $count } اشتراكًا.
       *[other] ينتهي { $count } اشتراك.
    }
newsletter-remove-drafts = تُلغى هذه المسودات:
newsletter-remove-feeds =
    { $count ->
        [zero] لا خلاصات تقرؤها.
        [one] تتوقف عن قراءة خلاصة واحدة.
        [two] تتوقف عن قراءة خلاصتين.
        [few] تتوقف عن قراءة { $count } خلاصات.
        [many] تتوقف عن قراءة { $count } خلاصة.
       *[other] تتوقف عن قراءة { $count } خلاصة.
    }
newsletter-remove-stays = تبقى أعدادها وتقارير الإرسال وسجلات الموافقة. ويبقى اسمها القصير محجوزًا.
newsletter-remove-refused = لا يمكن إزالتها الآن لأن عددًا يُرسل أو متوقف مؤقتًا.
newsletter-remove-button = إزالة { $name }
newsletter-keep = الإبقاء عليها
newsletter-removed-at = أُزيلت هذه النشرة، { $time }. أنشئوا نشرة بالاسم القصير نفسه لإعادتها من دون قراء.

# The form.
newsletter-mistakes = لم يُحفظ شيء. صححوا الحقول المعلّمة.
newsletter-conflict-title = غُيّرت هذه النشرة في هذه الأثناء
newsletter-slug-taken = نشرة أخرى لها هذا الاسم القصير. اختاروا غيره.
newsletter-identity = الاسم والمرسل
newsletter-content = المحتوى
newsletter-ranking = ترتيب الأخبار
newsletter-slug = الاسم القصير في العناوين
newsletter-slug-note = أحرف صغيرة وأرقام وشرطات مثل morning. لا يمكن تغييره لاحقًا.
newsletter-name = الاسم
newsletter-description = سطر واحد عنها
newsletter-from = المرسل
newsletter-mailbox-note = مثل Morning Wire <morning@example.org>.
newsletter-reply-to = تذهب الردود إلى
newsletter-welcome = رسالة بعد التأكيد
newsletter-welcome-note = نصكم؛ «true» يرسل النص المدمج. فارغ: لا رسالة.
newsletter-help = عنوان المساعدة
newsletter-public = إظهارها على الموقع وقبول الاشتراكات
newsletter-archive = إظهار الأعداد السابقة على الموقع
newsletter-topics = المواضيع
newsletter-topics-note = موضوع في كل سطر، تليه تصنيفات الخلاصات التابعة له: Security = infosec, Sicherheit
newsletter-schedule = الجدول
schedule-when = تُرسل
schedule-none = عند الطلب
schedule-days = في أيام محددة بوقت محدد
schedule-cron = بسطر cron
schedule-days-legend = الأيام
schedule-time = الوقت
schedule-line = سطر cron
schedule-line-note = الدقيقة والساعة واليوم والشهر ويوم الأسبوع، مثل 0 7 * * MON-FRI
schedule-show = عرض المواعيد القادمة
schedule-without-day = اختاروا يومًا واحدًا على الأقل.
schedule-without-time = اختاروا وقتًا مثل 07:00.
day-monday = الاثنين
day-tuesday = الثلاثاء
day-wednesday = الأربعاء
day-thursday = الخميس
day-friday = الجمعة
day-saturday = السبت
day-sunday = الأحد
newsletter-timezone = المنطقة الزمنية
newsletter-skip = أيام بلا عدد
newsletter-skip-note = واحد في كل سطر: sat أو 12-25 (كل سنة) أو 2026-12-25.
newsletter-local-time = يتلقاها كل قارئ في تلك الساعة بتوقيته
newsletter-weekly-day = تخرج النسخ الأسبوعية ابتداء من
newsletter-lead-time = تُجمع المسودة قبل ذلك بـ
newsletter-lead-note = مثل 45m أو 2h: الوقت المتاح لقراءة المسودة وتعديلها. 0s: لا وقت.
newsletter-approval = قبل الإرسال
newsletter-approval-auto = لا حاجة لاعتماد
newsletter-approval-required = يجب أن يعتمدها شخص
newsletter-grace = يُرسل العدد الفائت خلال
newsletter-expire-after = يُتخلى عن التسليم بعد
newsletter-span-note = مدة مثل 45m أو 12h أو 7days.
newsletter-subject-note = تُستبدل هذه الكلمات: { "{" }lead{ "}" }، { "{" }date{ "}" }، { "{" }count{ "}" }، { "{" }newsletter{ "}" }، { "{" }number{ "}" }.
newsletter-lines-note = واحد في كل سطر.
newsletter-numbers-note = اسم ورقم في كل سطر، مثل Security = 2
newsletter-min-stories = أقل عدد أخبار في العدد
newsletter-max-stories = أكثر عدد أخبار في العدد
newsletter-top-stories = أخبار تأتي أولًا حسب النقاط
newsletter-story-note = ذكر عدد المصادر ومنذ متى
newsletter-include-topics = هذه المواضيع فقط
newsletter-include-sources = هذه المصادر فقط
newsletter-include-words = بهذه الكلمات فقط
newsletter-exclude-topics = بلا هذه المواضيع
newsletter-exclude-sources = بلا هذه المصادر
newsletter-exclude-words = بلا هذه الكلمات
newsletter-caps-per-topic = الحد لكل موضوع
newsletter-caps-per-source = الحد لكل مصدر
newsletter-caps-topics = حدود مواضيع بعينها
newsletter-caps-sources = حدود مصادر بعينها
newsletter-ranking-sources = معامل عدد المصادر
newsletter-ranking-source = معامل أفضل مصدر
newsletter-ranking-freshness = معامل الحداثة
newsletter-ranking-topic = معامل الموضوع
newsletter-ranking-novelty = ما يخسره خبر معروف
newsletter-ranking-half-life = تنتصف حداثة الخبر بعد
newsletter-ranking-memory = يُتذكر ما أُرسل لمدة
newsletter-ranking-source-weights = أوزان المصادر
newsletter-ranking-topic-weights = أوزان المواضيع

# After an action.
notice-newsletter-created = أُنشئت النشرة. أضيفوا الخلاصات الآن.
notice-newsletter-changed = غُيّرت النشرة.
notice-newsletter-restored = عادت النشرة. ليس لها قراء.
notice-newsletter-removed = أُزيلت النشرة.
