# The console's page about settings.
console-settings = الإعدادات
settings-lede = ما قرأته هذه العملية عند بدئها: من القيم الافتراضية وملف الإعدادات ومتغيرات البيئة. لتغيير إعداد غيّروه هناك وأعيدوا تشغيل الخدمة.
settings-search = جزء من اسم أو قيمة أو شرح
settings-changed = غير الافتراضية فقط
settings-none = لا إعداد مطابقًا.
settings-default = افتراضي
settings-file = الملف { $name }
settings-environment = متغير البيئة { $name }
settings-hidden = مضبوط ولا يُعرض هنا

# The console's page about statistics.
console-statistics = الإحصاءات
statistics-lede = ما حدث كل يوم (بالتوقيت العالمي). لا يُتعقَّب أحد لذلك، ولا رقم يدل على شخص.
statistics-days = الأيام
statistics-day = اليوم
statistics-numbers = الأرقام
statistics-about = من { $first } إلى { $last }. أعلى قيمة { $max }.
chart-growth = الاشتراكات السارية
chart-signups = الاشتراكات الجديدة
chart-asked = مطلوبة
chart-confirmed = مؤكدة
chart-left = ملغاة
chart-deliveries = المستلمون، يوم بدء إرسال عددهم
chart-recipients = مستلمون
chart-returned = الارتداد والشكاوى
chart-bounces = ارتدادات
chart-domains = الارتداد والشكاوى حسب نطاق المستلم
chart-no-domains = لم يبلغ أي نطاق عددًا كافيًا من المستلمين في عدد واحد ليُحصى وحده.

# The console's page about relays and recipient domains.
console-relays = الخوادم والنطاقات
relays-lede = سرعة خروج البريد. الخادم الذي يطلب التمهل يتلقى بعد توقف نصف عدد الرسائل في آن واحد، ثم المزيد تدريجيًا.
relays-captured = لم يُضبط خادم إرسال، فيبقى كل البريد في الصندوق الداخلي. للإرسال اضبطوا relay.url.
relays-relay = الخادم
relays-weight = الحصة
relays-connections = الاتصالات
relays-rate = رسائل في الثانية
relays-cap = حد اليوم
relays-of = { $part } من { $all }
relays-no-limit = بلا حد
relays-process = العملية { $name }
relays-no-process = لا عملية ترسل الآن.
relays-at-once = رسائل في آن واحد الآن
relays-paused = متوقف حتى { $time }
relays-goes-on = يرسل
relays-cap-used = ينتظر حتى { $time }: استُنفد حد اليوم
relays-closed = ينتظر حتى { $time }: خارج أوقات الإرسال
relays-trouble = الخادم لا يقبل البريد: { $reason }
relays-domains = نطاقات محدودة أو متوقفة
relays-no-domains = لا نطاق محدود الآن.
relays-waiting = ينتظر في الذاكرة
