# إطار كل صفحة والصفحة الأولى والمقالات والأرشيف.

skip-to-content = الانتقال إلى المحتوى
site-navigation = الموقع
language-navigation = اللغات
past-issues = الأعداد السابقة
past-issues-short = الأرشيف
inbox = صندوق الوارد
mail-is-captured = لم يُضبط خادم إرسال: تُحفظ الرسائل هنا ولا تُسلَّم.

time-stamp = { $date } · { $time }
weekday-time = { $weekday } { $time }
labelled = { $label }:
list-separator = { "، " }
list-end = { $names } و{ $name }

also = أيضًا:
more-sources =
    { $count ->
        [zero] لا مصادر أخرى
        [one] ومصدر آخر
        [two] ومصدران آخران
        [few] و{ $count } مصادر أخرى
        [many] و{ $count } مصدرًا آخر
       *[other] و{ $count } مصدر آخر
    }
other-sources =
    { $count ->
        [zero] لا مصادر أخرى
        [one] مصدر آخر
        [two] مصدران آخران
        [few] { $count } مصادر أخرى
        [many] { $count } مصدرًا آخر
       *[other] { $count } مصدر آخر
    }
read-at = القراءة في { $source }
article-corrections = التصحيحات
article-sources = المصادر
retracted-title = مقال مسحوب
retracted-happened = سُحب المقال { $id } ({ $date }).
retracted-reason = السبب المذكور: { $reason }
retracted-without-reason = لم يُذكر سبب.

past-issues-label = الأعداد السابقة
past-issues-of = الأعداد السابقة من { $newsletter }
past-issues-description = الأعداد السابقة من نشرات { $site }
issue-number = العدد { $number }
newsletter-issue = { $newsletter }، العدد { $number }
issue-link = العدد { $number }
issue-navigation = الأعداد
all-issues = كل الأعداد
edition-note = هذه النسخة لمن اختاروا موضوعات أو لغة أو رسالة واحدة في الأسبوع.
whole-issue = قراءة العدد الكامل
edition-expired = تعمل روابط هذه النسخ مدة سنة.
edition-expired-next = يمكنكم قراءة كل الأعداد ضمن الأعداد السابقة.
newsletter-navigation = النشرات
all-newsletters = الكل
no-issue-yet = لم يُرسل أي عدد بعد. سيظهر العدد الأول هنا فور إرساله.
earlier-issues = أعداد أقدم
atom-feed = خلاصة Atom لهذه الأعداد
mark-corrected = مصحَّح
mark-retracted = مسحوب
mark-restored = مستعاد
change-corrected = صُحِّح
change-retracted = سُحب
change-restored = استُعيد
corrected-fields = ما تغيّر: { $fields }
corrected-headline = العنوان الرئيسي
corrected-address = الرابط
corrected-summary = الملخص
corrected-text = النص
corrected-authors = المؤلفون
corrected-category = التصنيف
corrected-language = اللغة
corrected-source = المصدر
corrected-date = التاريخ
corrected-picture = الصورة
report-retracted = (مسحوب)

no-issue-title = لا يوجد هذا العدد
no-issue-of-number = لم ترسل نشرة { $newsletter } عددًا بهذا الرقم.
no-archive = لا توجد هنا نشرة بهذا الاسم تعرض أعدادها السابقة.
no-issue-next = تحقّقوا من الرقم في العنوان، أو تصفّحوا <a>الأعداد السابقة</a>.
no-issue-next-of = تحقّقوا من الرقم في العنوان، أو تصفّحوا <a>الأعداد السابقة من { $newsletter }</a>.
search = بحث
search-for = البحث عن
search-description = البحث في مقالات { $site } وأعداده السابقة
search-nothing = لم يُعثر على شيء. جرّبوا كلمات أقل أو كلمات أخرى.
search-count =
    { $count ->
        [zero] لا نتائج
        [one] نتيجة واحدة
        [two] نتيجتان
        [few] { $count } نتائج
        [many] { $count } نتيجة
       *[other] { $count } نتيجة
    }
search-best = أفضل النتائج: { $count }
page-navigation = الصفحات
previous-page = الصفحة السابقة
next-page = الصفحة التالية
newer-story = خبر أحدث
earlier-story = خبر أقدم
footer-navigation = المزيد عن هذا الموقع
topic-navigation = الموضوعات
front-page = الأحدث
more-on = المزيد عن { $topic }
also-reported = نقله أيضًا
by-authors = بقلم { $authors }
read-issue = قراءة العدد
next-issue-at = العدد التالي: { $time }
latest-issue = أحدث عدد
share-by-mail = مشاركة بالبريد الإلكتروني
site-feed = خلاصة Atom
