# The words of a radio station's log (site.voice = "radio"). plain.ftl has the same messages, with comments.

signup-label = transmission_log
subscribe-to = Subscribe to the broadcast.
latest = Latest transmissions
nothing-yet = Nothing on the air yet. The first transmission appears as soon as it arrives.
read-latest = Read the latest transmissions
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = Nothing is transmitted on this address. It may be mistyped or cut off.
check-address = Check the address, or go to the latest transmissions.
unavailable = Off the air for a moment
opening =
    { $count ->
        [0] There are no new stories in this issue. It corrects what earlier issues said.
        [one] 1 transmission on the log.
       *[other] { $count } transmissions on the log, the most important first.
    }
opening-by-hand =
    { $count ->
        [0] There are no new stories in this issue. It corrects what earlier issues said.
        [one] 1 transmission on the log.
       *[other] { $count } transmissions on the log.
    }
also-in-issue = Also on the log
other-topic = Other signals
corrections = Signal corrections
end-of-issue = End of transmission.
more-stories = More transmissions
earlier-stories = Earlier transmissions
