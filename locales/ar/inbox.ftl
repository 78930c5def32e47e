# صفحات الرسائل المحفوظة ما دام خادم الإرسال غير مضبوط.

inbox-label = صندوق الوارد
captured-title = الرسائل المحفوظة
captured-text = لم يُضبط خادم إرسال، ولذلك تنتهي كل رسالة هنا بدل أن تُسلَّم.
no-message = لا توجد رسائل بعد.
mail-to = إلى { $address }
mail-bytes =
    { $count ->
        [zero] 0 بايت
        [one] بايت واحد
        [two] 2 بايت
        [few] { $count } بايت
        [many] { $count } بايت
       *[other] { $count } بايت
    }
field-from = من
field-to = إلى
field-captured = وصلت
field-size = الحجم
part-navigation = أجزاء الرسالة
part-html = HTML
part-text = نص
part-source = المصدر
html-iframe = جزء HTML من الرسالة
iframe-links = الروابط داخل الإطار معطّلة. تجدونها في القائمة أدناه.
message-links = روابط هذه الرسالة
no-subject = (بلا موضوع)
no-html-part = ليس في هذه الرسالة جزء HTML.
inbox-private-title = صندوق الوارد ليس عامًا
inbox-private-happened = يحتوي على رسائل قراء هذا الموقع والروابط التي فيها.
inbox-private-next = افتحوه على الجهاز الذي يعمل عليه هذا الموقع، أو أرسلوا رمز أحد المشغّلين، أو غيّروا inbox.access في الإعدادات.
