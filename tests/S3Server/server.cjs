// An S3 server for tests: node server.cjs PORT FOLDER BUCKET. It ends with its input, so it does not outlive the tests.
const fs = require("node:fs/promises");
const S3rver = require("@20minutes/s3rver");
const v4 = require("@20minutes/s3rver/lib/signature/v4");

const [port, directory, bucket] = process.argv.slice(2);
const server = new S3rver({
  address: "127.0.0.1",
  port: Number(port),
  directory,
  silent: true,
  vhostBuckets: false,
  configureBuckets: [{ name: bucket }],
});

// What is signed is the path as it was sent; this server leaves out the slash that may follow a bucket's name.
const SentPath = "sent-path";
server.middleware.unshift((context, next) => {
  context.headers[SentPath] = context.req.url.split("?")[0];
  return next();
});
const stringToSign = v4.getStringToSign;
v4.getStringToSign = (request, signature) => stringToSign({ ...request, uri: request.headers[SentPath] }, signature);

// An object is there as a whole or not at all; this server would write in place.
const putContent = server.store.putContent.bind(server.store);
server.store.putContent = async (path, content) => {
  const unfinished = `${path}.unfinished`;
  try {
    const told = await putContent(unfinished, content);
    await fs.rename(unfinished, path);
    return told;
  } catch (error) {
    await fs.rm(unfinished, { force: true });
    throw error;
  }
};

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
server.run().then(() => console.log("ready"));
