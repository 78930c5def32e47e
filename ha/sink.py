#!/usr/bin/env python3
"""An SMTP server that accepts every mail. Before it replies, it writes a line to LOG for each recipient: address, Message-ID, time.

`sink.py PORT LOG [SECONDS]`: a connection waits SECONDS before it accepts a mail."""

import asyncio
import sys
import time

port, log, delay = int(sys.argv[1]), open(sys.argv[2], "a", buffering=1), float((sys.argv[3:] or [0])[0])


async def session(reader, writer):
    async def say(line):
        writer.write(line.encode() + b"\r\n")
        await writer.drain()

    recipients = []
    try:
        await say("220 sink.example ESMTP")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                await say("250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 20000000")
            elif verb == b"MAIL":
                recipients = []
                await say("250 2.1.0 ok")
            elif verb == b"RCPT":
                recipients.append(line.decode().split("<", 1)[1].split(">")[0])
                await say("250 2.1.5 ok")
            elif verb == b"DATA":
                await say("354 go on")
                head, message_id = True, "-"
                while (line := await reader.readline()) != b".\r\n":
                    if not line:
                        return
                    head = head and line != b"\r\n"
                    if head and line.lower().startswith(b"message-id:"):
                        message_id = line.split(b":", 1)[1].strip().decode()
                if delay:
                    await asyncio.sleep(delay)
                for recipient in recipients:
                    log.write(f"{recipient}\t{message_id}\t{time.time():.3f}\n")
                await say("250 2.0.0 accepted")
            elif verb == b"QUIT":
                return await say("221 2.0.0 bye")
            else:
                await say("250 2.0.0 ok")
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(session, "127.0.0.1", port, limit=1 << 20)
    await server.serve_forever()


asyncio.run(main())
