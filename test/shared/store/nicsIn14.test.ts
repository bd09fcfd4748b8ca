// Reading a command of schema 13 gives its network interfaces the field name of schema 14.
import { Command } from '../../../shared/commands/command.ts';
import { fingerprintOfCommand } from '../../../shared/commands/fingerprint.ts';
import { fingerprintOf } from '../../../shared/core/ids.ts';
import { migrate } from '../../../shared/store/schema.ts';

const commandWith = (field: string): object => ({
  operation: 'updateReplication',
  vms: [`vm-${'a'.repeat(26)}`],
  change: { nics: [{ [field]: 'web-nic', subnet: 'web' }] },
});
const [old, present] = [commandWith('nicId'), commandWith('nic')];

test.each([
  ['job', { command: old }, { command: present }],
  ['decision', { command: old }, { command: present }],
  ['decision', { command: null }, { command: null }],
  ['alertRule', { rule: { command: old } }, { rule: { command: present } }],
])('a %s names interfaces in the field "nic" [A2A-18]', (type, before, after) => {
  expect(migrate({ id: 'one', type, schema: 13, ...before })).toMatchObject(after);
});

test('a change keeps its fingerprint [JOB-1]', () => {
  expect(fingerprintOfCommand(Command.parse(present))).toBe(fingerprintOf(old));
});
