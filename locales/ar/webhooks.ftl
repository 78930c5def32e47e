# The page of the console about webhooks.
console-webhooks = خطافات الويب
webhooks-lede = تتلقى برامج أخرى أحداث هذا الموقع: تأكيد اشتراك، أو إرسال عدد، أو ارتداد رسالة. كل رسالة موقّعة وتحتوي على عناوين القراء.
webhooks-none = لا يتلقى أي برنامج أحداثًا بعد.
webhook-counts = في الانتظار: { $waiting } · سُلّمت: { $delivered } · أخفقت: { $failed }
webhook-enabled = يتلقى الأحداث
webhook-disabled-since = معطّل منذ { $time }
webhook-failing-since = يخفق منذ { $time }
webhook-all-events = كل الأحداث

# Adding and changing a webhook.
webhook-add = إضافة خطاف ويب
webhook-url = العنوان الذي يتلقى الأحداث
webhook-url-note = مثل https://crm.example.org/events. العنوان داخل شبكتكم يجب أن يكون في الإعداد webhooks.allow.
webhook-name-note = حروف وأرقام ونقاط وواصلات وشرطات سفلية. من دون اسم يحمل اسم مضيف العنوان.
webhook-events = الأحداث
webhook-events-note = من دون اختيار يتلقى كل الأحداث، ومنها أحداث الإصدارات اللاحقة.
webhook-secret = هذا سر { $name }. لن يظهر مرة أخرى: انسخوه الآن إلى البرنامج الذي يتلقى الأحداث، فهو يتحقق به من التواقيع.
webhook-name-wrong = اكتبوا من 1 إلى { $most } من الحروف أو الأرقام أو النقاط أو الواصلات أو الشرطات السفلية.
webhook-taken = يوجد خطاف ويب بهذا الاسم. اختاروا اسمًا آخر.
webhook-too-many = يوجد { $most } من خطافات الويب. احذفوا واحدًا أولًا.
webhook-address-refused = لا يمكن إرسال الأحداث إلى هناك: { $reason }

# One webhook.
webhook-added = أُضيف { $time }
webhook-previous-until = السر السابق يوقّع أيضًا حتى { $time }.
webhook-test = إرسال حدث تجريبي
webhook-test-accepted = قُبل الحدث التجريبي بالحالة { $status }.
webhook-test-failed = لم يُقبل الحدث التجريبي:
webhook-enable = تفعيله
webhook-try-now = المحاولة الآن مجددًا
webhook-disable = تعطيله…
webhook-disable-text = لا يتلقى أحداثًا حتى تفعيله. أحداث تلك المدة لا تُرسل لاحقًا.
webhook-disable-now = تعطيل هذا الخطاف
webhook-rotate = إنشاء سر جديد…
webhook-rotate-text = لمدة 24 ساعة تُوقّع كل رسالة بالسرين معًا، فلا يضيع شيء أثناء تغييره في البرنامج.
webhook-rotate-now = إنشاء السر الجديد الآن
webhook-change = العنوان والأحداث
webhook-remove = حذفه…
webhook-remove-text = ما ينتظره لا يُرسل، ويُحذف سجله.
webhook-remove-now = حذف هذا الخطاف

# The log of a webhook.
webhook-log = ما أُرسل
webhook-log-none = لا توجد رسالة لعرضها. تظهر الرسالة هنا عند وقوع حدثها.
webhook-event = الحدث
webhook-attempts = المحاولات
webhook-answer = الرد
webhook-waiting = في الانتظار
webhook-delivered = سُلّمت
webhook-failed = أخفقت
webhook-next = المحاولة التالية { $time }
webhook-replay = إعادة الإرسال
webhook-replay-failed = إعادة إرسال كل ما أخفق
webhook-older = رسائل أقدم

# After an action.
notice-webhook-changed = عُدّل خطاف الويب.
notice-webhook-enabled = يتلقى خطاف الويب الأحداث، وتجري محاولته فورًا.
notice-webhook-disabled = لم يعد خطاف الويب يتلقى أحداثًا.
notice-webhook-removed = حُذف خطاف الويب.
notice-webhook-replayed = سيُعاد الإرسال بعد لحظات. أعيدوا تحميل الصفحة لرؤية النتيجة.
