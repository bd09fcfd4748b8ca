// The fingerprint of a command stays the same when a command field gets another name.
import { Command } from '../../../shared/commands/command.ts';
import { fingerprintOfCommand } from '../../../shared/commands/fingerprint.ts';
import { migrate } from '../../../shared/store/schema.ts';
import old from '../../scenarios/data/store-of-schema-8.json' with { type: 'json' };

const jobs = old.containers.jobs.filter(({ type }) => type === 'job');

test('jobs of schema 8 keep the fingerprints of their commands [JOB-1]', () => {
  expect(jobs.some(({ command }) => command !== undefined && 'leaveOut' in command)).toBe(true);
  for (const job of jobs) {
    const { command } = migrate(job) as { command: unknown };
    expect(fingerprintOfCommand(Command.parse(command))).toBe(job.fingerprint);
  }
});

const GROUP =
  '/subscriptions/5b0c7d1e-8f3a-4c26-9e57-d04b2a6f1c83/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines';

test.each([
  ['enableReplication', '18c5364ac0ce2790e78a594f3b1e479d1f9b45ede834cb608b67a294532b3a25'],
  ['prepareVault', '38da4b84e358e77153b81743cec4f5f01e077a3d05f8366d6530b4993a034a85'],
])('%s has the fingerprint of schema 9, with its VMs by id [JOB-1] [TRG-1]', (operation, fingerprint) => {
  const command = Command.parse({
    operation,
    vms: [`${GROUP}/web`, `${GROUP}/app`],
    perVm: { [`${GROUP}/WEB`]: { size: 'Standard_D4s_v5', disks: [{ disk: 'd', exclude: true }] } },
    target: { region: 'southeastasia' },
    multiVmGroup: { name: 'shop' },
    allowFailedChecks: ['PRE-4'],
    ticket: 'CHG-1',
  });
  expect(fingerprintOfCommand(command)).toBe(fingerprint);
  expect(fingerprintOfCommand({ ...command, perVm: {} } as Command)).not.toBe(fingerprint);
});
