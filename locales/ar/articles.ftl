# The pages of the console about articles.
console-articles = المقالات

# The list of articles.
articles-lede = ما جلبته خلاصاتكم وما كتبته هيئة تحريركم، الأحدث أولًا.
articles-empty = لا توجد مقالات بعد. أضيفوا خلاصة أو اكتبوا مقالًا.
articles-none = لا مقال يطابق ذلك.
articles-words = كلمات أو معرّف
articles-newsletter = النشرة
articles-every = الكل
articles-find = بحث
articles-all = عرض كل المقالات
articles-older = مقالات أقدم
articles-of-feed = من الخلاصة { $feed } فقط
article-write = كتابة مقال
article-state-waiting = ينتظر عددًا
article-state-in-issue = في عدد
article-state-left-out = مستبعد
article-state-editorial = من تحريرنا
article-state-edited = معدّل
article-state-retracted = مسحوب
article-waits-for = ينتظر { $newsletter }
article-in-issue-of = في عدد من { $newsletter }
article-left-out-of = مستبعد من { $newsletter }

# One article.
article-edit = تعديل
article-on-site = على الموقع
article-original = لدى ناشره
article-facts = عن المقال
article-headline = العنوان
article-summary = المقدمة
article-summary-note = نص بسيط تحت العنوان. إن تُرك فارغًا فبداية النص.
article-text = النص
article-text-note = في Markdown تكتبون:
markdown-bold = غامق
markdown-italic = مائل
markdown-link = رابط
markdown-heading = عنوان فرعي
markdown-item = قائمة
article-format = صيغة الكتابة
article-authors = الكتّاب
article-authors-note = اسم واحد في كل سطر.
article-category = الموضوع
article-language = اللغة
article-language-note = رمز مثل en أو de أو pt-BR. إن تُرك فارغًا يُعرف من النص.
article-source = المصدر
article-source-note = إن تُرك فارغًا فاسم الموقع.
article-url = عنوان الصفحة التي يتحدث عنها
article-url-note = إن تُرك فارغًا فللمقال صفحته على هذا الموقع.
article-published = تاريخ النشر
article-published-note = بتوقيت UTC. إن تُرك فارغًا فالآن.
article-arrived = وصل
article-image = عنوان صورته
article-image-note = عنوان https. تظهر فقط إن كان الموقع يعرض الصور.
article-image-alt = ما تظهره الصورة
article-image-alt-note = لمن لا يستطيع رؤيتها.
article-in-newsletters = في النشرات
article-in-no-newsletter = لم يصل إلى أي نشرة.
article-at-place = في الموضع { $place }
article-pin = تثبيت في أعلى العدد التالي
article-correction-list = التصحيحات
article-corrected = صُحّح
article-restored = أُلغي السحب
article-former-headline = كان العنوان: { $title }
article-retracted-at = سُحب هذا المقال، { $time }.
article-no-reason = لا يرى القراء سببًا.
article-reason = السبب، للقراء
article-retract = سحب المقال
article-retract-text = تقول صفحته عندئذ إنه سُحب. تُجمع المسودات من جديد من دونه. وإن كان قد أُرسل فالعدد التالي يذكر ذلك.
article-change-reason = ذكر سبب آخر
article-change-reason-text = تذكر صفحة المقال هذا السبب. وإن كان المقال قد أُرسل فيذكره العدد التالي أيضًا.
article-restore = إلغاء السحب
article-restore-text = تعود صفحته، ويمكن أن تضمه المسودات مجددًا. ويُخبر بذلك القراء الذين أُخبروا بالسحب.

# The form of an article.
article-edit-title = تعديل «{ $title }»
article-write-note = عند نشره يظهر على الموقع فورًا وينتظر العدد التالي من النشرات التي تختارونها.
article-for-newsletters = ينتظر العدد التالي من
article-more = حقول أخرى
article-note = ما الذي صُحّح، للقراء
article-note-note = إن كان المقال قد أُرسل فتذكر صفحته والعدد التالي هذه الملاحظة. وإن تُركت فارغة فيذكران الحقول المعدلة.
article-save = حفظ
article-publish = نشر
article-title-missing = اكتبوا عنوانًا.
article-text-missing = اكتبوا نصًا.
article-text-long = يتجاوز النص 200 كيبيبايت. اختصروه أو انشروه في مقالين.
article-field-long = هذا طويل جدًا. اختصروه.
article-language-wrong = اكتبوا رمزًا مثل en أو de أو pt-BR.
article-url-wrong = اكتبوا عنوانًا يبدأ بـ https:// أو http://.
article-image-wrong = اكتبوا عنوانًا يبدأ بـ https://.
article-published-wrong = اكتبوا تاريخًا ووقتًا مثل 2026-11-23 07:30.
article-is-retracted-already = نُشر هذا المقال وسُحب من قبل. اكتبوه في نموذج جديد.

# Two editors changed an article.
article-conflict-title = عُدّل هذا المقال في هذه الأثناء
article-conflict-feed = جلبت خلاصته نسخة أخرى.
article-conflict-kept = لم يُستبدل شيء ولم يضع شيء مما كتبتموه. الحقول التي لم تلمسوها فيها المحتوى الجديد. قارنوا ثم احفظوا مرة أخرى.
article-conflict-now = { $field }، كما هو محفوظ الآن
article-conflict-retracted = سُحب المقال فلا يمكن تعديله. ألغوا السحب في صفحته ثم احفظوا مرة أخرى.
article-changed-by = عدّله { $name }، { $time }
article-retracted-by = سحبه { $name }، { $time }
article-restored-by = ألغى { $name } السحب، { $time }

# After an action.
notice-article-published = نُشر المقال.
notice-article-changed = عُدّل المقال. وجُمعت من جديد المسودات التي تضمه.
notice-article-changed-sent = عُدّل المقال. لدى القراء النص السابق، والعدد التالي يخبرهم بالتصحيح.
notice-article-changed-unapproved = عُدّل المقال. وجُمعت من جديد مسودة تضمه وسُحب اعتمادها. اعتمدوها مرة أخرى.
notice-article-unchanged = لم يتغير شيء.
notice-article-retracted = سُحب المقال، وصفحته تقول ذلك.
notice-article-retracted-sending = سُحب المقال. ويُرسل الآن عدد يضمه؛ أوقفوه في «الأعداد» إن كان يجب ألا يصل.
notice-article-restored = أُلغي السحب.
notice-article-pinned = يأتي المقال أولًا في العدد التالي.
notice-article-unpinned = لم يعد المقال مثبتًا.
notice-article-not-waiting = لم يُفعل شيء لأن المقال لم يعد ينتظر هذه النشرة.
