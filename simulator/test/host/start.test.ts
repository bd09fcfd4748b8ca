import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { HostProcess, dataFolder, runToExit } from './host-process.ts';

const folder = dataFolder();
const APPS = join(import.meta.dirname, 'apps');
const MODULES = join(import.meta.dirname, '../../../node_modules');
let apps = 0;

/** Creates an app of one file. */
function appOf(
  source: string,
  manifest: object = { main: 'main.cjs' },
  files: Readonly<Record<string, string>> = {},
): string {
  const directory = join(folder, `app-${apps++}`);
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  for (const [name, content] of Object.entries({ 'main.cjs': source, ...files }))
    writeFileSync(
      join(directory, name),
      content.replaceAll(
        /require\('(.*?)'\)/g,
        (_, name: string) => `require(${JSON.stringify(join(MODULES, name))})`,
      ),
    );
  return directory;
}

const QUEUE = (connection: string, queueName: string) =>
  `app.serviceBusQueue('a', { connection: '${connection}', queueName: '${queueName}', handler() {} });`;
const RETRY = (retry: string) =>
  `app.timer('a', { schedule: '0 * * * * *', retry: ${retry}, handler() {} });`;
const FUNCTIONS = "const { app, input, output } = require('@azure/functions');";

describe('a host that cannot start gives the reason in one line, and exits with 1', () => {
  test.each([
    ['there is no app', () => join(folder, 'nowhere'), /^No app in .*nowhere: it has no package\.json\.$/],
    [
      'it has not been built',
      () => appOf('', { main: 'dist/{a,b}.mjs' }),
      /^No file matches "main": "dist\/\{a,b\}\.mjs" in .*\. Has the app been built\?$/,
    ],
    ['its package.json has no main', () => appOf('', {}), /package\.json has no "main"\.$/],
    [
      'it throws while it loads',
      () => appOf("throw new Error('no database');"),
      /^The app failed while .*main\.cjs was loaded: no database$/,
    ],
    ['it registers nothing', () => appOf(''), /^The app registered no function\.$/],
    [
      'a trigger is unknown',
      () =>
        appOf(`${FUNCTIONS} app.storageQueue('orders', { queueName: 'q', connection: 'c', handler() {} });`),
      /^Function "orders": binding "queueTrigger" is not known to this host\.$/,
    ],
    [
      'an output is unknown',
      () =>
        appOf(
          `${FUNCTIONS} app.http('a', { extraOutputs: [output.storageQueue({ queueName: 'q', ` +
            `connection: 'c' })], handler() {} });`,
        ),
      /^Function "a": binding "queue" is not known to this host\.$/,
    ],
    [
      'an input is unknown',
      () =>
        appOf(
          `${FUNCTIONS} app.http('a', { extraInputs: [input.cosmosDB({ databaseName: 'd', ` +
            `containerName: 'c', connection: 'c' })], handler() {} });`,
        ),
      /^Function "a": binding "cosmosDB" is not known to this host\.$/,
    ],
    [
      'the setting of a connection is missing',
      () => appOf(`${FUNCTIONS} ${QUEUE('NOWHERE', 'q')}`),
      /^Function "a": its connection names the setting "NOWHERE", which is not set \(and neither is "NOWHERE__fullyQualifiedNamespace"\)\.$/,
    ],
    [
      'a connection is the connection string itself',
      () =>
        appOf(`${FUNCTIONS} ${QUEUE('Endpoint=sb://x;SharedAccessKeyName=n;SharedAccessKey=secret', 'q')}`),
      /^Function "a": its connection must be the name of a setting, not the connection string itself\.$/,
    ],
    [
      'an output has no connection setting',
      () =>
        appOf(
          `${FUNCTIONS} app.http('a', { extraOutputs: [output.serviceBusTopic({ topicName: 't', ` +
            `connection: 'NOWHERE' })], handler() {} });`,
        ),
      /^Function "a": its connection names the setting "NOWHERE"/,
    ],
    [
      'the setting with the name of a queue is missing',
      () => appOf(`${FUNCTIONS} ${QUEUE('PATH', 'q-%NOWHERE%')}`),
      /^Function "a": its queueName names the setting "NOWHERE", which is not set\.$/,
    ],
    [
      'the name of a queue is an expression',
      () => appOf(`${FUNCTIONS} ${QUEUE('PATH', '{id}')}`),
      /^Function "a": its queueName "\{id\}" is an expression, which is not known to this host\.$/,
    ],
    [
      'a trigger has no queue',
      () =>
        appOf(`${FUNCTIONS} app.serviceBusTopic('a', { connection: 'PATH', topicName: 't', handler() {} });`),
      /^Function "a": its trigger needs a queueName, or a topicName and a subscriptionName\.$/,
    ],
    [
      'a trigger wants the objects of the SDK',
      () =>
        appOf(
          `${FUNCTIONS} app.serviceBusQueue('a', { connection: 'PATH', queueName: 'q', sdkBinding: ` +
            'true, handler() {} });',
        ),
      /^Function "a": "sdkBinding" is not known to this host\.$/,
    ],
    [
      'a retry strategy is unknown',
      () => appOf(`${FUNCTIONS} ${RETRY("{ strategy: 'never', maxRetryCount: 1 }")}`),
      /^Function "a": the retry strategy "never" is not known to this host\.$/,
    ],
    [
      'a retry has no delay',
      () => appOf(`${FUNCTIONS} ${RETRY("{ strategy: 'fixedDelay', maxRetryCount: 1 }")}`),
      /^Function "a": "retry\.delayInterval" is missing\.$/,
    ],
    [
      'a retry has no count',
      () => appOf(`${FUNCTIONS} ${RETRY("{ strategy: 'fixedDelay', delayInterval: 1 }")}`),
      /^Function "a": "retry\.maxRetryCount" must be a whole number, or -1 for ever\.$/,
    ],
    [
      'host.json has an invalid time',
      () =>
        appOf(
          `${FUNCTIONS} app.http('a', { handler() {} });`,
          { main: 'main.cjs' },
          { 'host.json': '{ "functionTimeout": "5 minutes" }' },
        ),
      /^host\.json: "functionTimeout" must be a time span such as "00:05:00", and above zero\.$/,
    ],
    [
      'host.json has an invalid count',
      () =>
        appOf(
          `${FUNCTIONS} app.http('a', { handler() {} });`,
          { main: 'main.cjs' },
          { 'host.json': '{ "extensions": { "serviceBus": { "maxConcurrentCalls": 0 } } }' },
        ),
      /^host\.json: "extensions\.serviceBus\.maxConcurrentCalls" must be a whole number above 0\.$/,
    ],
    [
      'host.json is not JSON',
      () =>
        appOf(`${FUNCTIONS} app.http('a', { handler() {} });`, { main: 'main.cjs' }, { 'host.json': '{' }),
      /host\.json cannot be read as JSON: /,
    ],
    [
      'local.settings.json is encrypted',
      () =>
        appOf(
          `${FUNCTIONS} app.http('a', { handler() {} });`,
          { main: 'main.cjs' },
          { 'local.settings.json': '{ "IsEncrypted": true, "Values": { "A": "CfDJ8" } }' },
        ),
      /local\.settings\.json is encrypted: decrypt it with "func settings decrypt"\.$/,
    ],
    [
      'a setting in local.settings.json is not a text',
      () =>
        appOf(
          `${FUNCTIONS} app.http('a', { handler() {} });`,
          { main: 'main.cjs' },
          { 'local.settings.json': '{ "Values": { "A": { "b": 1 } } }' },
        ),
      /local\.settings\.json: the setting "A" must be a text\.$/,
    ],
    [
      'the limit of bodies is not a number',
      () =>
        appOf(
          `${FUNCTIONS} app.http('a', { handler() {} });`,
          { main: 'main.cjs' },
          { 'local.settings.json': '{ "Values": { "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1 MB" } }' },
        ),
      /^The setting "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT" must be a number of bytes, above 0\.$/,
    ],
    [
      'a schedule is invalid',
      () => appOf(`${FUNCTIONS} app.timer('a', { schedule: '* * *', handler() {} });`),
      /^Function "a": "\* \* \*" is no schedule: it has 3 fields, not 6/,
    ],
    [
      'the setting with a schedule is missing',
      () => appOf(`${FUNCTIONS} app.timer('a', { schedule: '%NOWHERE%', handler() {} });`),
      /^Function "a": its schedule names the setting "NOWHERE", which is not set\.$/,
    ],
    ...['{id:even}', '{id:length(a)}', '{id:range(1)}', '{id:int=5}', '{id:regex([)}'].map(
      (segment): [string, () => string, RegExp] => [
        `a route is invalid: ${segment}`,
        () => appOf(`${FUNCTIONS} app.http('a', { route: 'x/${segment}', handler() {} });`),
        /^Function "a": the route segment "\{.*\}" is not known to this host\.$/,
      ],
    ),
    [
      'the setting with the name of the task hub is missing',
      () =>
        appOf(
          `${FUNCTIONS} app.http('a', { handler() {} });`,
          { main: 'main.cjs' },
          { 'host.json': '{ "extensions": { "durableTask": { "hubName": "%NOWHERE%" } } }' },
        ),
      /^host\.json: "extensions\.durableTask\.hubName" names the setting "NOWHERE", which is not set\.$/,
    ],
  ])('%s', async (_name, makeApp, message) => {
    const { code, stdout, errors } = await runToExit({ app: makeApp(), dataDir: join(folder, 'data') });
    const told = errors.filter((line) => !/ (debug|information) \[host\] /.test(line));
    expect({ code, stdout, lines: told.length }).toEqual({ code: 1, stdout: undefined, lines: 1 });
    expect(told[0]).toMatch(message);
  });

  test('its port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, errors } = await runToExit({ dataDir: join(folder, 'data'), port });
    server.close();
    expect({ code, errors }).toEqual({ code: 1, errors: [`Port ${port} cannot be opened: it is in use.`] });
  });

  test('another host uses its data', async () => {
    const dataDir = join(folder, 'shared');
    const host = await HostProcess.start({ dataDir });
    const { code, errors } = await runToExit({ dataDir });
    await host.stop();
    expect(code).toBe(1);
    expect(errors).toEqual([
      expect.stringMatching(
        /host\.sqlite cannot be used \(is another host running on it\?\): database is locked$/,
      ),
    ]);
  });
});

test('an app in split ES modules loads as in Azure', async () => {
  const directory = join(folder, 'bundled');
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), '{ "type": "module", "main": "dist/main.mjs" }');
  writeFileSync(
    join(directory, 'main.ts'),
    ['orchestrators', 'activities', 'doors']
      .map((name) => `import ${JSON.stringify(join(APPS, 'durable', `${name}.mjs`))};`)
      .join('\n'),
  );
  await build({
    entryPoints: { main: join(directory, 'main.ts') },
    outdir: join(directory, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    external: ['@azure/functions-core'],
    nodePaths: [MODULES],
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  const host = await HostProcess.start({ app: directory, dataDir: join(folder, 'bundled-data') });
  expect(await host.runToEnd('fanOut', 10)).toEqual({ count: 10, inOrder: true });
  expect(await host.stop()).toBe(0);
});

test('an app starts with features that the host lacks, and its log names them', async () => {
  const source = `const df = require('durable-functions');
    app.http('locked', { authLevel: 'function', handler() {} });
    app.http('open', { handler() {} });
    df.app.entity('Counter', () => {});`;
  const hostJson = {
    version: '2.0',
    logging: { logLevel: { default: 'Information' } },
    concurrency: { dynamicConcurrencyEnabled: true },
    extensions: {
      http: { routePrefix: '', customHeaders: {} },
      durableTask: {
        maxConcurrentOrchestratorFunctions: 2,
        tracing: {},
        storageProvider: { partitionCount: 3 },
      },
      queues: { batchSize: 4 },
    },
  };
  const app = appOf(
    `${FUNCTIONS} ${source}`,
    { main: 'main.cjs' },
    { 'host.json': JSON.stringify(hostJson) },
  );
  const host = await HostProcess.start({ app, dataDir: join(folder, 'lacking') });
  await host.stop();
  const warnings = host.errors.filter((line) => line.includes(' warning [host] '));
  expect(warnings.map((line) => line.slice(line.indexOf('[host] ') + 7))).toEqual([
    ...[
      'concurrency',
      'extensions.http.customHeaders',
      'extensions.durableTask.maxConcurrentOrchestratorFunctions',
      'extensions.durableTask.storageProvider.partitionCount',
      'extensions.queues',
    ].map((name) => `host.json: "${name}" has no effect on this host.`),
    'This host has no entities. It refuses each call of Counter.',
    '"authLevel" has no effect on this host. In Azure these need a key: locked.',
  ]);
});

test('the files of an app load in the order of its glob', async () => {
  const app = appOf(
    '',
    { main: '{index.cjs,functions-*.cjs}' },
    {
      'functions-b.cjs': "console.log('loaded b');",
      'functions-a.cjs': "console.log('loaded a');",
      'index.cjs': `${FUNCTIONS} console.log('loaded index'); app.http('a', { handler() {} });`,
    },
  );
  const host = await HostProcess.start({ app, dataDir: join(folder, 'ordered') });
  await host.stop();
  const loaded = host.errors.filter((line) => line.includes('loaded '));
  expect(loaded.map((line) => line.slice(line.indexOf('loaded ') + 7))).toEqual(['index', 'a', 'b']);
});

test('a storage provider sets the size of the largest message', async () => {
  const start = async (storageProvider: object) => {
    const app = appOf(
      "require('durable-functions').app.orchestration('o', function* () {});",
      { main: 'main.cjs' },
      { 'host.json': JSON.stringify({ extensions: { durableTask: { storageProvider } } }) },
    );
    const host = await HostProcess.start({ app, dataDir: join(folder, `sizes-${apps}`) });
    const answer = await fetch(`${host.rpcUrl}/durabletask/orchestrators/o`, {
      method: 'POST',
      body: JSON.stringify('x'.repeat(2_000_000)),
    });
    await host.stop();
    const { statusQueryGetUri = '' } = (await answer.json()) as { statusQueryGetUri?: string };
    return [answer.status, new URL(statusQueryGetUri || host.url).searchParams.get('connection')];
  };
  expect(await start({ type: 'AzureStorage', connectionName: 'MyStorage' })).toEqual([202, 'MyStorage']);
  expect(await start({ type: 'azureManaged', connectionStringName: 'SCHEDULER' })).toEqual([413, null]);
});

test('a stopping host finishes its running activities and starts none of the waiting ones', async () => {
  const runsFile = join(folder, 'stopped');
  const dataDir = join(folder, 'stopping');
  writeFileSync(runsFile, '');
  const options = { dataDir, environment: { RUNS_FILE: runsFile } };
  const host = await HostProcess.start(options);
  const id = await host.startOrchestration('calls', {
    name: 'noted',
    input: { name: 'one', milliseconds: 300 },
  });
  await host.waitFor(
    () => host.readStatus(id),
    ({ runtimeStatus }) => runtimeStatus === 'Running',
  );
  expect(await host.stop()).toBe(0);
  const again = await HostProcess.start(options);
  expect((await again.waitForEnd(id)).output).toBe('one');
  await again.stop();
  expect(again.errors.concat(host.errors).filter((line) => / (error|critical) /.test(line))).toEqual([]);
});
