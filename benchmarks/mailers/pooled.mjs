// nodemailer's pool: so many personal messages over kept connections, signed with RSA where a key is given.
import { createRequire } from "node:module";
import fs from "node:fs";

const [folder, port, count, connections, file, key] = process.argv.slice(2);
const nodemailer = createRequire(folder + "/")("nodemailer");
const { text, html } = JSON.parse(fs.readFileSync(file, "utf8"));
const transport = nodemailer.createTransport({
  pool: true, host: "127.0.0.1", port: Number(port), secure: false, ignoreTLS: true,
  maxConnections: Number(connections), maxMessages: Infinity, name: "bench.example.com",
  ...(key ? { dkim: { domainName: "example.com", keySelector: "bench", privateKey: fs.readFileSync(key, "utf8") } } : {}),
});
const total = Number(count);
let sent = 0;
let failed = 0;
for (let next = 0; next < total;) {
  if (!transport.isIdle()) {
    await new Promise((resolve) => transport.once("idle", resolve));
    continue;
  }
  const number = next++;
  const own = (body) => body.replaceAll("{reader}", `reader${number}@example.org`);
  transport.sendMail({
    from: "News <news@example.com>", to: `Reader ${number} <reader${number}@example.org>`,
    subject: "The bridge opens", text: own(text), html: own(html),
    headers: { "List-Unsubscribe": `<https://news.example.com/u/${number}>` },
  }).then(() => { sent++; }, () => { failed++; }).finally(() => { if (sent + failed === total) transport.close(); });
}
await new Promise((resolve) => { const wait = () => (sent + failed === total ? resolve() : setTimeout(wait, 5)); wait(); });
if (failed) { console.error(`${failed} failed`); process.exit(1); }
