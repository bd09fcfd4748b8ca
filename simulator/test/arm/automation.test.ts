// Runbooks and managed run commands. The caller names the job at its start and reads it until its
// end, in simulated time.

import { TestAzure, groupPath, errorOf, SHOP_GROUP } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const ACCOUNT = `${groupPath('contoso-recovery-services')}/providers/Microsoft.Automation/automationAccounts/contoso-automation`;
const JOB = `${ACCOUNT}/jobs/5ba5bd1c-8f9e-4d3c-9a67-0b1f4f0b7a52`;
const V = '2023-11-01';
const start = (path: string, runbook: string, parameters = {}) =>
  azure.sendRaw('PUT', path, { properties: { runbook: { name: runbook }, parameters } });
const status = async (): Promise<unknown> =>
  ((await azure.resources().resources.getById(JOB.slice(1), V)).properties as { status: string }).status;

it('a runbook starts once under its name, runs for its duration and keeps its output', async () => {
  await azure.admin('/arm/runbooks', { runbook: 'Open-Shop', output: 'The shop is open.', seconds: 120 });
  expect(
    await azure.resources().resources.getById(`${ACCOUNT}/runbooks/Open-Shop`.slice(1), V),
  ).toMatchObject({ properties: { state: 'Published', parameters: { Site: { isMandatory: false } } } });
  expect(await start(JOB, 'Open-Shop', { Site: '2' })).toMatchObject({
    status: 201,
    body: { properties: { status: 'New', runbook: { name: 'Open-Shop' } } },
  });
  expect(await start(JOB, 'Open-Shop')).toMatchObject({ status: 409, body: { error: { code: 'Conflict' } } });
  await azure.advance(15_000);
  expect(await status()).toBe('Running');
  azure.killAndStart();
  await azure.advance(120_000);
  expect(await status()).toBe('Completed');
  let told: string | null | undefined;
  await azure.resources().resources.getById(`${JOB}/output`.slice(1), V, {
    onResponse: ({ bodyAsText }) => {
      told = bodyAsText;
    },
  });
  expect(told).toBe('The shop is open.');
  expect(await azure.sendRaw('POST', `${JOB}/stop`)).toMatchObject({ status: 409 });
  expect(await azure.admin('/arm/runbooks')).toMatchObject([
    { runbook: 'Open-Shop', parameters: { Site: '2' } },
  ]);
  expect(await azure.readUnknownRequests()).toEqual([]);
});

it('a job can fail or be stopped, and a missing or unpublished runbook is refused', async () => {
  await azure.admin('/arm/runbooks', {
    runbook: 'Warm-Cache',
    status: 'Failed',
    exception: 'No cache.',
    seconds: 5,
  });
  await start(JOB, 'Warm-Cache');
  await azure.advance(15_000);
  expect((await azure.resources().resources.getById(JOB.slice(1), V)).properties).toMatchObject({
    status: 'Failed',
    exception: 'No cache.',
  });
  const other = `${ACCOUNT}/jobs/other`;
  await start(other, 'Open-Shop');
  expect(await azure.sendRaw('POST', `${other}/stop`)).toMatchObject({ status: 200 });
  await azure.advance(5_000);
  expect((await azure.sendRaw('GET', other)).body).toMatchObject({ properties: { status: 'Stopped' } });
  expect(await start(`${ACCOUNT}/jobs/a`, 'Nothing')).toMatchObject({ status: 404 });
  expect(await start(`${ACCOUNT}/jobs/a`, 'Draft')).toMatchObject({ status: 400 });
  expect(await azure.sendRaw('GET', `${ACCOUNT}/jobs/a`)).toMatchObject({ status: 404 });
});

const command = (script: string, more = {}) => ({
  location: 'eastasia',
  source: { script },
  asyncExecution: true,
  ...more,
});
const view = async (vm: string, name: string) =>
  (
    await azure
      .compute()
      .virtualMachineRunCommands.getByVirtualMachine(SHOP_GROUP, vm, name, { expand: 'instanceView' })
  ).instanceView;

it('managed run commands run in parallel, report output and exit code, and can be deleted', async () => {
  await azure.admin('/arm/commands', {
    script: 'exit 3',
    stdout: 'half',
    stderr: 'no more',
    exitCode: 3,
    seconds: 60,
  });
  const commands = azure.compute().virtualMachineRunCommands;
  await azure.withRunningClock(
    Promise.resolve(
      commands.createOrUpdate(SHOP_GROUP, 'web', 'one', command('exit 3'), { updateIntervalInMs: 5 }),
    ),
  );
  expect(
    (
      await azure.sendRaw(
        'PUT',
        `${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/virtualMachines/web/runCommands/two`,
        { location: 'eastasia', properties: { source: { script: 'true' }, asyncExecution: true } },
      )
    ).status,
  ).toBe(201);
  await azure.advance(40_000);
  expect(await view('web', 'two')).toMatchObject({ executionState: 'Succeeded', exitCode: 0 });
  await azure.advance(30_000);
  expect(await view('web', 'one')).toMatchObject({
    executionState: 'Failed',
    exitCode: 3,
    output: 'half',
    error: 'no more',
  });
  await azure.withRunningClock(
    Promise.resolve(commands.delete(SHOP_GROUP, 'web', 'one', { updateIntervalInMs: 5 })),
  );
  expect(await errorOf(view('web', 'one'))).toEqual({ code: 'ResourceNotFound', statusCode: 404 });
  expect(await azure.admin('/arm/commands')).toMatchObject([
    { vm: 'web', commandId: 'runCommands/one', script: ['exit 3'] },
    { script: ['true'] },
  ]);
  expect(await azure.readUnknownRequests()).toEqual([]);
});

it('a run command needs a running machine and a ready agent, and ends at its time-out', async () => {
  const commands = azure.compute().virtualMachineRunCommands;
  expect(
    await errorOf(
      Promise.resolve(commands.createOrUpdate(SHOP_GROUP, 'night-batch', 'one', command('true'))),
    ),
  ).toEqual({ code: 'OperationNotAllowed', statusCode: 409 });
  const kiosk = azure.environment.virtualMachines.find((machine) => !machine.agentReady);
  const path = `${groupPath(kiosk?.resourceGroup ?? '')}/providers/Microsoft.Compute/virtualMachines/${kiosk?.name ?? ''}/runCommands/one`;
  expect(
    (
      await azure.sendRaw('PUT', path, {
        location: 'eastasia',
        properties: { source: { script: 'true' }, asyncExecution: true },
      })
    ).status,
  ).toBe(201);
  await azure.advance(91_000);
  expect(
    await commands.getByVirtualMachine(kiosk?.resourceGroup ?? '', kiosk?.name ?? '', 'one', {
      expand: 'instanceView',
    }),
  ).toMatchObject({ provisioningState: 'Failed', instanceView: { executionState: 'Pending' } });
  await azure.admin('/arm/commands', { seconds: 600 });
  await azure.withRunningClock(
    Promise.resolve(
      commands.createOrUpdate(SHOP_GROUP, 'web', 'long', command('sleep', { timeoutInSeconds: 60 }), {
        updateIntervalInMs: 5,
      }),
    ),
  );
  await azure.advance(75_000);
  expect(await view('web', 'long')).toMatchObject({ executionState: 'TimedOut' });
});
