// A CommonJS app with HTTP streaming.
const { app } = require('@azure/functions');

app.setup({ enableHttpStream: true });

app.http('show', {
  methods: ['GET', 'POST', 'DELETE'],
  route: 'things/{id}',
  handler: async (request, context) => ({
    jsonBody: {
      method: request.method,
      url: request.url,
      params: request.params,
      query: Object.fromEntries(request.query),
      token: request.headers.get('x-token'),
      traceParent: context.traceContext.traceParent,
      body: await request.text(),
    },
  }),
});
app.http('cookies', {
  handler: () => ({
    status: 201,
    body: Buffer.from([1, 2, 255]),
    headers: { 'x-answer': '42' },
    cookies: [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
  }),
});
app.http('nothing', { handler: () => undefined });
app.http('broken', {
  handler: () => {
    throw new Error('no luck');
  },
});

let sendNext;
/** Each call lets the feed send one more part. */
app.http('next', {
  methods: ['POST'],
  handler: () => {
    sendNext();
    return {};
  },
});
app.http('feed', {
  handler: (request) => ({
    headers: { 'content-type': 'text/event-stream' },
    body: (async function* () {
      for (let part = 1; part <= Number(request.query.get('parts')); part += 1) {
        const next = new Promise((resolve) => {
          sendNext = resolve;
        });
        yield `data: ${part}\n\n`;
        await next;
      }
      if (request.query.has('fails')) throw new Error('the feed failed');
    })(),
  }),
});
