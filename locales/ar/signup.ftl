# استمارة الاشتراك والصفحات التي تفتحها روابط الرسائل وإعدادات القارئ.

subscribe = الاشتراك
check-form = يُرجى مراجعة الاستمارة
no-newsletter-title = لا توجد نشرة بعد
no-newsletter-text = لا يوجد ما يمكن الاشتراك فيه بعد. يُرجى العودة لاحقًا.
newsletters-legend = النشرات
email = البريد الإلكتروني
name = الاسم
optional = اختياري
honeypot = الموقع الإلكتروني: اتركوا هذا الحقل فارغًا، فهو للآلات فقط
chosen-newsletter = النشرة:
choose-others = اختيار نشرات أخرى
form-delivery = سنرسل إليكم رسالة فيها رابط للتأكيد. لن يصلكم شيء آخر ما لم تستخدموه.
form-consent = بالاشتراك توافقون على تلقّي { $newsletter } من { $site }. يمكنكم إلغاء الاشتراك في أي وقت عبر الرابط الموجود في كل عدد.
form-consent-chosen = بالاشتراك توافقون على تلقّي النشرات المختارة من { $site }. يمكنكم إلغاء الاشتراك في أي وقت عبر الرابط الموجود في كل عدد.
did-you-mean = هل تقصدون { $domain }؟ صحّحوا العنوان، أو اضغطوا الزر مرة أخرى للإبقاء عليه.
form-wrong-title = هذه الاستمارة غير معدّة على الوجه الصحيح
form-wrong-happened = يشير حقلها «{ $field }» إلى صفحة موقع لا يُسمح له باستخدام هذه الاستمارة. لم يُرسل شيء.
form-wrong-next = أخبروا الموقع الذي عرض لكم الاستمارة، أو اشتركوا في صفحتنا.
topics-of = موضوعات { $newsletter }
time-zone-of-newsletter = المنطقة الزمنية للنشرة
time-zone-used = يصل كل عدد في ساعته بهذه المنطقة الزمنية.

check-inbox-title = راجعوا بريدكم
check-inbox-heading = راجعوا بريدكم.
check-inbox-text = إذا لم يكن هذا العنوان مشتركًا بعد، فرابط التأكيد في الطريق إليه. افتحوا الرابط واضغطوا الزر للتأكيد.
check-inbox-retry = لم يصل شيء بعد بضع دقائق؟ ابحثوا في مجلد الرسائل غير المرغوب فيها، ثم تحقّقوا من العنوان و<a>حاولوا مرة أخرى</a>.
check-inbox-captured = يعمل هذا الموقع بلا خادم إرسال: الرسالة في <a>صندوق الوارد</a>.

prove-title = خطوة أخرى
prove-heading = خطوة أخرى.
prove-text = يشترك الآن عدد كبير جدًا من الأشخاص أو البرامج. تمنع هذه الخطوة البرامج. لم يُرسَل أي شيء بعد.
prove-working = يُنجز المتصفح هذه الخطوة نيابةً عنكم. يستغرق ذلك بضع ثوانٍ.
prove-wrong = الإجابة غير صحيحة أو وصلت متأخرة. نرجو المحاولة مرة أخرى.
prove-question = كم يساوي { $one } زائد { $other }؟

confirm-title = تأكيد الاشتراك
confirm-heading = أكّدوا اشتراككم.
confirm-text = اضغطوا الزر وسيرسل إليكم { $site }:
confirm-button = تأكيد الاشتراك
confirm-ignore = إذا لم تطلبوا ذلك فأغلقوا هذه الصفحة، ولن يُسجَّل أي اشتراك.
confirmed-title = تم الاشتراك
confirmed-heading = تم تأكيد اشتراككم.
confirmed-text = ابتداءً من العدد المقبل سيصلكم:
confirmed-leave = في كل عدد رابط لإلغاء الاشتراك.

link-fails-title = الرابط لا يعمل
link-expired-heading = انتهت صلاحية هذا الرابط.
link-expired-text = يجب استخدام روابط التأكيد { $within }. لم يكتمل اشتراككم بعد.
link-used-heading = سبق استخدام هذا الرابط.
link-used-text = يعمل رابط التأكيد مرة واحدة. وقد انتهى الاشتراك الذي أكّده منذ ذلك الحين.
link-unknown-heading = هذا الرابط لا يعمل.
link-unknown-text = قد يكون جزء منه ناقصًا. افتحوه من الرسالة مرة أخرى، أو انسخوا العنوان كاملًا.
link-unknown-next = إذا لم ينفع ذلك، <a>فاشتركوا من جديد</a> للحصول على رابط آخر.

unsubscribe = إلغاء الاشتراك
unsubscribe-heading = إلغاء الاشتراك في { $newsletter }؟
unsubscribe-text = ما زال اشتراككم قائمًا. اضغطوا الزر لإلغائه فورًا.
unsubscribe-instead = أتفضّلون أعدادًا أقل أو موضوعات أخرى أو توقفًا مؤقتًا؟ <a>إدارة الاشتراك</a>.
unsubscribed-title = أُلغي الاشتراك
unsubscribed-heading = ألغيتم الاشتراك في { $newsletter }.
unsubscribed-text = لن تصلكم أعداد أخرى.
unsubscribed-mistake = هل حدث ذلك خطأً؟ <a>الاشتراك من جديد</a>.

test-link-title = هذا الرابط من رسالة تجريبية
test-link-happened = هذا الرابط من رسالة تجريبية. لا ينتمي إلى أي اشتراك، ولذلك لا يفعل شيئًا.
test-link-next = في رسالة كل قارئ رابط خاص به في هذا الموضع.
bad-link-title = هذا الرابط لا يعمل
bad-link-happened = قد يكون مكتوبًا على نحو خاطئ أو مقطوعًا. لم يتغيّر شيء.
bad-link-next = افتحوا الرسالة مرة أخرى واستخدموا الرابط في آخرها، أو زر إلغاء الاشتراك في برنامج البريد.
not-subscribed-title = لا يوجد اشتراك
not-subscribed-happened = لستم مشتركين في { $newsletter }.
not-subscribed-next = لتلقّيها استخدموا «الاشتراك» في أعلى هذه الصفحة.
not-subscribed-closed = لا تقبل اشتراكات جديدة.

settings-title = إعداداتكم في { $newsletter }
settings-saved = حُفظت الإعدادات. تسري ابتداءً من العدد المقبل.
settings-text = حدّدوا اختياراتكم ثم احفظوها.
topics-legend = الموضوعات
topics-note = اتركوا كل الخانات فارغة لتلقّي كل الموضوعات.
cadence-legend = عدد المرات
cadence-every = كل عدد
cadence-weekly = مرة في الأسبوع، أهم الأخبار فقط
time-zone = المنطقة الزمنية
time-zone-note = مثل Africa/Cairo أو America/New_York. يسري ذلك على كل النشرات التي تصلكم منا.
pause-legend = التوقف المؤقت
paused-until = متوقف مؤقتًا: لن يصلكم أي عدد حتى { $day }.
paused-after-bounces = متوقف مؤقتًا: لم يقبل صندوق بريدكم رسائلنا الأخيرة. أنهوا التوقف عندما يقبل الرسائل من جديد.
end-pause = إنهاء التوقف الآن
pause-or-until = أو عدم إرسال شيء حتى
pause-until = عدم إرسال شيء حتى
pause-note = يتضمن أول عدد بعد التوقف ما فاتكم.
save = حفظ
or-unsubscribe = أو <a>إلغاء الاشتراك</a>.

undo-leaving = التراجع عن الإلغاء
leaving-legend = هل تخبروننا بالسبب؟
leaving-note = بكلماتكم
leaving-send = إرسال
leaving-thanks = شكرًا. هذا يساعد هيئة التحرير.
your-data = بياناتكم
your-data-text = يستطيع كل من تعيدون توجيه رسائلنا إليه فتح هذه الصفحة. لذلك نرسل أولًا رابطًا إلى عنوانكم.
request-export = تنزيل بياناتي
request-erasure = محو بياناتي
