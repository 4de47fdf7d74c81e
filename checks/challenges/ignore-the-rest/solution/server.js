// Serves the start page and, at /uptime, the time since the start.
const { createServer } = require("node:http");
const { readFile } = require("node:fs/promises");
const { join } = require("node:path");
const ms = require("ms");
const log = require("./lib/log");

const server = createServer(async (request, response) => {
  log(`${request.method} ${request.url}`);
  if (request.url === "/uptime") {
    response.end(`up for ${ms(Math.round(process.uptime() * 1000))}\n`);
    return;
  }
  try {
    const page = await readFile(join(__dirname, "public", "index.html"));
    response.setHeader("content-type", "text/html");
    response.end(page);
  } catch (error) {
    log(error.message);
    response.statusCode = 500;
    response.end(`${error.message}\n`);
  }
});

server.listen(3000, () => log("listening on port 3000"));
process.on("SIGTERM", () => process.exit(0));
