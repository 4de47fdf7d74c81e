import asyncio


async def copy(reader, writer):
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()


async def serve(reader, writer):
    to_reader, to_writer = await asyncio.open_connection("db", 5432)
    await asyncio.gather(copy(reader, to_writer), copy(to_reader, writer), return_exceptions=True)


async def main():
    await (await asyncio.start_server(serve, "0.0.0.0", 9000)).serve_forever()


asyncio.run(main())
