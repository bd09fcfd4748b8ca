// A CommonJS app that streams its answers.
const { app } = require('@azure/functions');

app.setup({ enableHttpStream: true });

app.http('shown', {
  methods: ['GET', 'POST', 'DELETE'], route: 'things/{id}',
  handler: async (request) => ({ jsonBody: { method: request.method, url: request.url, params: request.params, query: Object.fromEntries(request.query), token: request.headers.get('x-token'), body: await request.text() } }),
});
app.http('cookies', { handler: () => ({ status: 201, body: Buffer.from([1, 2, 255]), headers: { 'x-answer': '42' }, cookies: [{ name: 'a', value: '1' }, { name: 'b', value: '2' }] }) });
app.http('nothing', { handler: () => undefined });
app.http('broken', { handler: () => { throw new Error('the secret of the house'); } });

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
app.http('feed', {
  handler: (request) => ({
    headers: { 'content-type': 'text/event-stream' },
    body: (async function* () {
      for (let number = 1; number <= Number(request.query.get('most')); number += 1) {
        yield `data: ${number}\n\n`;
        await pause(100);
      }
    })(),
  }),
});
