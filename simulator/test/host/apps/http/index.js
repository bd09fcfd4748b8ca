// A CommonJS app.
const { app } = require('@azure/functions');

const show = (name) => async (request, context) => ({
  jsonBody: {
    name,
    traceParent: context.traceContext.traceParent,
    method: request.method,
    url: request.url,
    params: request.params,
    query: Object.fromEntries(request.query),
    body: await request.text(),
    token: request.headers.get('x-token'),
  },
});

app.http('list', { methods: ['GET'], route: 'things', handler: show('list') });
app.http('add', { methods: ['POST'], route: 'things', handler: show('add') });
app.http('special', { methods: ['GET'], route: 'things/special', handler: show('special') });
app.http('exact', { methods: ['GET', 'HEAD'], route: 'things/exact', handler: show('exact') });
app.http('zRest', { methods: ['GET', 'OPTIONS'], route: 'rest/{*path}', handler: show('zRest') });
app.http('numbered', { methods: ['GET'], route: 'things/{id:int}', handler: show('numbered') });
app.http('one', { methods: ['GET', 'DELETE'], route: 'things/{id}', handler: show('one') });
app.http('three', { methods: ['GET'], route: 'codes/{code:alpha:length(3)}', handler: show('three') });
app.http('upToFifty', { methods: ['GET'], route: 'codes/{code:range(1,50)}', handler: show('upToFifty') });
app.http('dashed', { methods: ['GET'], route: 'codes/{code:regex(^x-\\d{{4}}$)}', handler: show('dashed') });
app.http('decimal', {
  methods: ['GET'],
  route: 'codes/{code:decimal:minlength(4):maxlength(5)}',
  handler: show('decimal'),
});
app.http('time', { methods: ['GET'], route: 'codes/{code:datetime:minlength(16)}', handler: show('time') });
app.http('optional', { methods: ['GET'], route: 'pages/{number?}', handler: show('optional') });
app.http('files', { methods: ['GET'], route: 'files/{*path}', handler: show('files') });
app.http('unnamed', { handler: show('unnamed') });

app.http('nothing', { handler: () => undefined });
app.http('cookies', {
  handler: () => ({
    status: 201,
    body: Buffer.from([1, 2, 255]),
    headers: { 'x-answer': '42', 'content-type': 'application/octet-stream' },
    cookies: [
      { name: 'a', value: '1', httpOnly: true, sameSite: 'Strict', maxAge: 60 },
      { name: 'b', value: '2', path: '/' },
    ],
  }),
});
app.http('broken', {
  handler: () => {
    throw new Error('the secret of the house');
  },
});
app.http('odd', { handler: () => 'not an object' });
app.http('talkative', {
  handler: (_request, context) => {
    context.warn('line one\nline two');
    console.log('printed');
    return { body: process.env.SETTING };
  },
});

app.hook.appStart((context) => {
  context.hookData.left = 'this';
  console.log('appStart hook');
});
app.hook.appTerminate(({ hookData }) => console.log(`appTerminate hook, left with ${hookData.left}`));
app.hook.log((context) => {
  if (context.message === 'too loud') context.level = 'debug';
  if (context.message === 'not for the log') context.level = 'none';
  if (context.message.startsWith('the hook fails')) throw new Error('no hook today');
  if (context.message === 'a secret')
    context.message = `*** of ${context.category} in ${context.invocationContext.functionName}`;
});
app.hook.preInvocation((context) => {
  context.hookData.seen = context.inputs.length;
  if (context.invocationContext.functionName === 'hooked')
    context.functionHandler = () => ({ body: 'from the hook' });
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'sharing')
    context.result = { body: `seen ${context.hookData.seen}` };
  if (context.invocationContext.functionName === 'mended') {
    context.error = null;
    context.result = { body: 'mended' };
  }
});
app.http('hooked', { handler: () => ({ body: 'from the handler' }) });
app.http('mended', {
  handler: () => {
    throw new Error('broken');
  },
});
app.http('sharing', { handler: () => ({ body: '' }) });
app.http('lines', {
  handler: (_request, context) => {
    for (const line of ['too loud', 'not for the log', 'the hook fails, the line stays', 'a secret'])
      context.warn(line);
  },
});
app.http('endless', { handler: () => new Promise(() => {}) });
app.http('late', {
  handler: (_request, context) =>
    new Promise((resolve) =>
      setTimeout(() => {
        context.log('late, but done');
        resolve();
      }, 500),
    ),
});
app.generic('hopeful', {
  trigger: {
    type: 'httpTrigger',
    name: 'request',
    methods: ['GET'],
    route: 'hopeful',
    authLevel: 'anonymous',
  },
  retry: { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: 0 },
  handler: (_request, context) => {
    context.log('hoped');
    throw new Error('in vain');
  },
});
