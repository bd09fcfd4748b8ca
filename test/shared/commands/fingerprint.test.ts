// The fingerprint of a command stays the same when a command field gets another name.
import { Command } from '../../../shared/commands/command.ts';
import { fingerprintOfCommand } from '../../../shared/commands/fingerprint.ts';
import { fingerprintOf } from '../../../shared/core/ids.ts';
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

test('an excluded disk and an allowed check stay part of the fingerprint [JOB-1]', () => {
  const source = '/subscriptions/5b0c7d1e-8f3a-4c26-9e57-d04b2a6f1c83/resourceGroups/shop';
  const command = Command.parse({
    operation: 'enableReplication',
    vms: [
      {
        id: `${source}/providers/Microsoft.Compute/virtualMachines/web`,
        disks: [{ disk: 'd', exclude: true }],
      },
    ],
    target: { region: 'southeastasia' },
    allowFailedChecks: ['PRE-4'],
  });
  const before = JSON.stringify(command)
    .replace('"exclude":', '"leaveOut":')
    .replace('"allowFailedChecks":', '"despite":');
  expect(before).toContain('leaveOut');
  expect(fingerprintOfCommand(command)).toBe(fingerprintOf(JSON.parse(before)));
});
