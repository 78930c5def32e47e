# The frame of the console for operators, and its first page.
console = لوحة التحرير
console-navigation = صفحات لوحة التحرير
console-today = اليوم
console-empty = لا شيء يحتاج إليكم الآن.
console-account = حسابكم
sign-out = تسجيل خروج { $name }
role-owner = مالك
role-publisher = ناشر
role-editor = محرر
role-analyst = محلل
not-permitted-title = دوركم لا يسمح بهذا
not-permitted-happened = دوركم هو «{ $role }». لم يتغير شيء.
not-permitted-next = اطلبوا من أحد مالكي الموقع أن يفعل ذلك أو يغيّر دوركم.
needs-https-title = لوحة التحرير تحتاج إلى HTTPS
needs-https-happened = يبدأ site.url بـ http:// وليس على هذا الجهاز، فقد يقرأ آخرون على الشبكة كلمات المرور.
needs-https-next = اضبطوا site.url على عنوان يبدأ بـ https://.

# A form that was sent after the session had ended.
session-ended-title = انتهت جلستكم
session-ended-text = انتهت جلستكم والنموذج مفتوح. لم يُحفظ شيء.
session-ended-sign-in = تسجيل الدخول (في نافذة جديدة)
session-ended-resend = إرسال النموذج مرة أخرى
session-ended-kept = ما كتبتموه محفوظ في هذه الصفحة. سجّلوا الدخول ثم اضغطوا الزر.
session-ended-back = سجّلوا الدخول، ثم ارجعوا في المتصفح وأرسلوا النموذج مرة أخرى.
console-operators = فريق العمل
console-audit = سجل التغييرات
console-tokens = رموز الواجهة البرمجية
console-help = مساعدة

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = التوثيق
docs-navigation = صفحات التوثيق
