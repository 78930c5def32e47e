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
