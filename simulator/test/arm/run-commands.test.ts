// Scripts in machines: the simulator records every run, and a rule can set its result beforehand.

import { TestAzure, groupPath, errorOf, SHOP_GROUP } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const shell = {
  commandId: 'RunShellScript',
  script: ['systemctl is-active shop', 'exit $?'],
  parameters: [{ name: 'tier', value: 'web' }],
};
const run = (vm: string, command: object = shell) =>
  azure.withRunningClock(
    Promise.resolve(
      azure
        .compute()
        .virtualMachines.runCommand(SHOP_GROUP, vm, command as typeof shell, { updateIntervalInMs: 5 }),
    ),
  );
const outcome = (body: object) => azure.admin('/arm/commands', body);

it('answers with its output, in simulated time, and is recorded', async () => {
  await outcome({ vm: 'web', stdout: 'active', seconds: 45 });
  const before = azure.clock.now();
  const { value } = await run('web');
  expect(azure.clock.now() - before).toBeGreaterThanOrEqual(45_000);
  expect(value).toEqual([
    {
      code: 'ProvisioningState/succeeded',
      level: 'Info',
      displayStatus: 'Provisioning succeeded',
      message: 'Enable succeeded: \n[stdout]\nactive\n[stderr]\n\n',
    },
  ]);
  expect(await azure.admin('/arm/commands')).toEqual([
    {
      vm: 'web',
      id: `${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/virtualMachines/web`,
      commandId: 'RunShellScript',
      script: shell.script,
      parameters: { tier: 'web' },
      at: before,
    },
  ]);
  expect(await azure.readUnknownRequests()).toEqual([]);
});

it('on Windows separates output and errors', async () => {
  await outcome({ script: 'Get-Service', stdout: 'Running', stderr: 'one warning' });
  const { value } = await run('sql', { commandId: 'RunPowerShellScript', script: ['Get-Service shop'] });
  expect(value?.map(({ code, message }) => [code, message])).toEqual([
    ['ComponentStatus/StdOut/succeeded', 'Running'],
    ['ComponentStatus/StdErr/succeeded', 'one warning'],
  ]);
  expect((await run('app')).value?.[0]?.message).toBe('Enable succeeded: \n[stdout]\n\n[stderr]\n\n');
});

it('fails when a rule orders it, or when the agent does not answer', async () => {
  await outcome({
    vm: 'web',
    error: { code: 'VMExtensionProvisioningError', message: 'The extension could not be installed.' },
  });
  await expect(run('web')).rejects.toThrow('VMExtensionProvisioningError');
  await expect(run('kiosk', { commandId: 'RunPowerShellScript', script: [] })).rejects.toThrow(
    'VMAgentStatusCommunicationError',
  );
  expect(await azure.admin('/arm/commands', { seconds: -1 })).toHaveProperty('message');
});

it('is refused on a stopped machine, on a busy machine, or on another operating system', async () => {
  expect(await errorOf(run('night-batch'))).toEqual({ code: 'OperationNotAllowed', statusCode: 409 });
  expect(await errorOf(run('sql'))).toEqual({ code: 'InvalidParameter', statusCode: 400 });
  expect(await errorOf(run('web', { commandId: 'RunAnything' }))).toEqual({
    code: 'NotFound',
    statusCode: 404,
  });
  expect(await errorOf(run('nobody'))).toEqual({ code: 'ResourceNotFound', statusCode: 404 });
  const path = `${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/virtualMachines/web/runCommand`;
  expect((await azure.sendRaw('POST', path, shell)).status).toBe(202);
  expect(await azure.sendRaw('POST', path, shell)).toMatchObject({
    status: 409,
    body: { error: { code: 'Conflict' } },
  });
  expect(await azure.admin<unknown[]>('/arm/commands')).toHaveLength(1);
  await azure.advance(31_000);
  expect((await azure.sendRaw('POST', path, shell)).status).toBe(202);
});

it('survives a kill', async () => {
  await outcome({ stdout: 'up' });
  await run('web');
  azure.killAndStart();
  expect(await azure.admin<unknown[]>('/arm/commands')).toHaveLength(1);
  expect((await run('app')).value?.[0]?.message).toContain('[stdout]\nup\n');
});
