// Reading a job of schema 10 gives its command the VMs by id.
import { Command } from '../../../shared/commands/command.ts';
import { fingerprintOfCommand } from '../../../shared/commands/fingerprint.ts';
import { SCHEMA_VERSION, migrate } from '../../../shared/store/schema.ts';

const GROUP =
  '/subscriptions/5b0c7d1e-8f3a-4c26-9e57-d04b2a6f1c83/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines';
const HEAD = {
  goal: { protect: 'azureVm', to: 'azure' },
  target: { region: 'southeastasia' },
  policy: { retentionHours: 24, appConsistentHours: 1 },
};
const TAIL = {
  multiVmGroup: { name: 'shop' },
  allowFailedChecks: ['PRE-4'],
  followHours: 72,
  operation: 'enableReplication',
  ticket: 'CHG-1',
};
const jobOf = (command: object) => ({ id: 'job', type: 'job', schema: 10, command });

test('the settings of each VM move beside the list of VMs, and the fingerprint stays [JOB-1] [A2A-17]', () => {
  const settings = { disks: [{ disk: 'd', exclude: true }], size: 'Standard_D4s_v5' };
  const vms = [
    { id: `${GROUP}/web`, ...settings },
    { id: `${GROUP}/app`, disks: [] },
  ];
  const migrated = migrate(jobOf({ ...HEAD, vms, ...TAIL })) as { command: object; schema: number };
  expect(migrated.schema).toBe(SCHEMA_VERSION);
  expect(migrated.command).toMatchObject({
    vms: [`${GROUP}/web`, `${GROUP}/app`],
    perVm: { [`${GROUP}/web`]: settings },
  });
  expect(fingerprintOfCommand(Command.parse(migrated.command))).toBe(
    '18c5364ac0ce2790e78a594f3b1e479d1f9b45ede834cb608b67a294532b3a25',
  );
});

test.each([
  { operation: 'failover', vms: ['vm-aaaaaaaaaaaaaaaaaaaaaaaaaa'] },
  { operation: 'failover', plan: 'shop', exclude: [] },
  { ...HEAD, vms: [`${GROUP}/web`], perVm: {}, ...TAIL },
])('a command with VMs by id stays as it is (%#) [JOB-1]', (command) => {
  expect(migrate(jobOf(command))).toMatchObject({ command });
});
