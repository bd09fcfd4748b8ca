// The actions around a plan's groups and VMs in one run: a runbook, scripts on running VMs, a
// probe, a request.
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { planBody, putPlan } from '../../support/plans.ts';
import { readSigned, secretOf } from '../../support/receiver.ts';
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';
import type { Job } from '../../support/lifeboat-client.ts';

const SUBSCRIPTION = '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const RUNBOOK = `${SUBSCRIPTION}/resourceGroups/contoso-recovery-services/providers/Microsoft.Automation/automationAccounts/contoso-automation/runbooks/Open-Shop`;
const KEY = secretOf('the only secret of this test');

const calls: { readonly method: string; readonly headers: IncomingHttpHeaders; body: string }[] = [];
const server = createServer((request, response) => {
  const call = { method: request.method ?? '', headers: request.headers, body: '' };
  calls.push(call);
  // The server is down at the first probe, and busy at the first request.
  const asked = calls.filter(({ method }) => method === request.method).length;
  request.on('data', (part: Buffer) => (call.body += part.toString()));
  request.on('end', () => response.writeHead(asked === 1 ? 503 : 200).end('as you say'));
});

let origin: string;
let environment: TestEnvironment;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  environment = await startTestEnvironment(['web', 'app', 'sql'], {
    env: { LIFEBOAT_CALLBACKS: `${origin} private`, LIFEBOAT_CALLBACK_KEYS: `dns=${KEY}` },
  });
});
afterAll(async () => {
  await environment.simulator.stop();
  server.close();
});

const idOf = (name: string): string => environment.vms.find((vm) => vm.name === name)?.id ?? '';
const script = (name: string, text: string, on: string, shell: string, more: object = {}) => ({
  kind: 'script',
  name,
  text,
  sha256: createHash('sha256').update(text).digest('hex'),
  on: idOf(on),
  shell,
  timeoutMinutes: 30,
  ...more,
});
const stepOf = (job: Job, name: string) => job.steps.find((step) => step.name === name);

test('each action runs once in place, and an optional failure stops nothing [PLAN-1] [OP-6]', async () => {
  await environment.simulator.arm.setRunbookOutcome({
    runbook: 'Open-Shop',
    output: 'The doors are open.',
    seconds: 100,
  });
  await environment.simulator.arm.setCommandOutcome({
    script: 'Check-Sql',
    stdout: 'sql is consistent',
    seconds: 40,
  });
  await environment.simulator.arm.setCommandOutcome({
    script: 'warm',
    stderr: 'no cache',
    exitCode: 4,
    seconds: 10,
  });
  await putPlan(
    environment,
    'shop',
    planBody(environment, [
      { name: 'data', vms: ['sql'], after: [script('Check the data', 'Check-Sql', 'sql', 'powershell')] },
      {
        name: 'web',
        waitsFor: ['data'],
        vms: ['app', 'web'],
        before: [
          {
            kind: 'runbook',
            name: 'Open the shop',
            runbookId: RUNBOOK,
            parameters: { Site: '2' },
            timeoutMinutes: 30,
          },
        ],
        perVm: {
          [idOf('web')]: {
            before: [],
            after: [script('Warm up', './warm', 'web', 'bash', { critical: false })],
          },
        },
        after: [
          { kind: 'probe', name: 'Shop is up', target: { url: `${origin}/health` }, timeoutMinutes: 30 },
          {
            kind: 'http',
            name: 'Turn DNS',
            url: `${origin}/dns`,
            body: '{"to":2}',
            key: 'dns',
            timeoutMinutes: 30,
          },
        ],
      },
    ]),
  );
  const { body: accepted } = await environment.lifeboat.send({ operation: 'failover', plan: 'shop' });
  const job = await environment.lifeboat.waitForJobEnd(accepted.id);
  expect(job).toMatchObject({
    state: 'completedWithExceptions',
    exceptions: [{ targetName: 'Warm up', code: 'ScriptFailed' }],
  });
  expect(stepOf(job, 'Check the data')).toMatchObject({
    state: 'succeeded',
    output: 'sql is consistent',
    attempts: 1,
  });
  expect(stepOf(job, 'Open the shop')).toMatchObject({
    state: 'succeeded',
    output: 'The doors are open.',
    attempts: 1,
  });
  expect(stepOf(job, 'Warm up')).toMatchObject({ state: 'failed', output: 'no cache' });
  expect(stepOf(job, 'Shop is up')).toMatchObject({ state: 'succeeded' });
  expect(stepOf(job, 'Turn DNS')).toMatchObject({
    state: 'succeeded',
    attempts: 2,
    output: '200\nas you say',
  });
  const order = ['sql', 'Check the data', 'Open the shop', 'web', 'Warm up', 'Shop is up', 'Turn DNS'].map(
    (name) => stepOf(job, name),
  );
  for (const [i, step] of order.entries())
    if (i > 0)
      expect(Date.parse(step?.startedAt ?? '')).toBeGreaterThanOrEqual(
        Date.parse(order[i - 1]?.endedAt ?? ''),
      );
  expect(
    (await environment.simulator.arm.commands()).map(
      ({ id, script: [line] }) => `${line ?? ''} in ${id.toLowerCase().split('/').slice(4).join('/')}`,
    ),
  ).toEqual(
    expect.arrayContaining([
      'Check-Sql in contoso-shop-recovery/providers/microsoft.compute/virtualmachines/sql',
      './warm in contoso-shop-recovery/providers/microsoft.compute/virtualmachines/web',
    ]),
  );
  expect(await environment.simulator.arm.commands()).toHaveLength(2);
  const started = await environment.simulator.arm.runbooks();
  expect(started).toHaveLength(1);
  expect(JSON.parse(started[0]?.parameters['RecoveryPlanContext'] ?? '')).toMatchObject({
    GroupId: 'web',
    FailoverType: 'Unplanned',
    VmMap: { [idOf('web')]: { ResourceGroupName: 'contoso-shop' }, [idOf('app')]: {} },
  });
  const requests = calls.filter(({ method }) => method === 'POST');
  expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  // A library for Standard Webhooks accepts the request of a plan.
  for (const { headers, body } of requests) expect(readSigned(headers, body, KEY)).toEqual(JSON.parse(body));
});
