// Says hello and how long it runs, on port 3000 or on that of the variable PORT.
const { createServer } = require("node:http");
const ms = require("ms");

const server = createServer((request, response) => {
  const time = ms(Math.round(process.uptime() * 1000));
  response.end(`Hello from Node.js! I run for ${time}, as user ${process.getuid()}.\n`);
});

const port = Number(process.env.PORT ?? 3000);
server.listen(port, () => console.log(`listening on port ${port}`));

// Ends when the container is stopped, once the last request has its answer.
process.on("SIGTERM", () => {
  console.log("Goodbye!");
  server.close();
  server.closeIdleConnections();
});
