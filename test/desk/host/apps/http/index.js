// A CommonJS app.
const { app } = require('@azure/functions');

const show = (name) => async (request) => ({
  jsonBody: { name, method: request.method, url: request.url, params: request.params, query: Object.fromEntries(request.query), body: await request.text(), token: request.headers.get('x-token') },
});

app.http('list', { methods: ['GET'], route: 'things', handler: show('list') });
app.http('add', { methods: ['POST'], route: 'things', handler: show('add') });
app.http('special', { methods: ['GET'], route: 'things/special', handler: show('special') });
app.http('numbered', { methods: ['GET'], route: 'things/{id:int}', handler: show('numbered') });
app.http('one', { methods: ['GET', 'DELETE'], route: 'things/{id}', handler: show('one') });
app.http('optional', { methods: ['GET'], route: 'pages/{number?}', handler: show('optional') });
app.http('files', { methods: ['GET'], route: 'files/{*path}', handler: show('files') });
app.http('unnamed', { handler: show('unnamed') });

app.http('nothing', { handler: () => undefined });
app.http('cookies', {
  handler: () => ({
    status: 201, body: Buffer.from([1, 2, 255]), headers: { 'x-answer': '42', 'content-type': 'application/octet-stream' },
    cookies: [{ name: 'a', value: '1', httpOnly: true, sameSite: 'Strict', maxAge: 60 }, { name: 'b', value: '2', path: '/' }],
  }),
});
app.http('broken', { handler: () => { throw new Error('the secret of the house'); } });
app.http('odd', { handler: () => 'not an object' });
app.http('talkative', {
  handler: (_request, context) => {
    context.warn('line one\nline two');
    console.log('printed');
    return { body: process.env.SETTING };
  },
});

app.hook.appStart(() => console.log('appStart hook'));
app.hook.appTerminate(() => console.log('appTerminate hook'));
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') context.functionHandler = () => ({ body: 'from the hook' });
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'mended') {
    context.error = null;
    context.result = { body: 'mended' };
  }
});
app.http('hooked', { handler: () => ({ body: 'from the handler' }) });
app.http('mended', { handler: () => { throw new Error('broken'); } });
