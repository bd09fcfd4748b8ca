// Mutants of scenarios that Lifeboat can only read, of the driver for Hyper-V, and of the registration
// of servers.
import type { Mutant } from '../mutant.ts';

const NOT_YET = 'test/shared/scenarios/readOnlyScenario.test.ts';
const SITE_OPERATIONS = 'test/scenarios/hyper-v/operations.test.ts';
const SITE_ENABLING = 'test/scenarios/hyper-v/enabling.test.ts';
const REGISTRATION = 'test/scenarios/hyper-v/registration.test.ts';

export const scenarios: readonly Mutant[] = [
  {
    id: 'the registry accepts items of a scenario without capabilities',
    file: 'shared/scenarios/drivers.ts',
    find: 'return driver?.capabilities ? driver.readItem(raw) : undefined;',
    replace: 'return driver?.readItem(raw);',
    reason: 'The registry would have VMs that no operation and no answer supports.',
    test: { file: NOT_YET, name: 'hide no other items of their vault' },
  },
  {
    id: 'the app accepts a command on a scenario without capabilities',
    file: 'shared/jobs/scenarioChecks.ts',
    find: "=== 'ScenarioNotPossibleYet'",
    replace: "=== 'OperationNotAllowed'",
    reason: 'A caller would get a wrong reason or a job, although the scenario is not possible.',
    test: { file: NOT_YET, name: 'a command on a VM of an unsupported scenario' },
  },
  {
    id: 'a step of a scenario without capabilities starts',
    file: 'shared/attempts/startStep.ts',
    find: '  assertPhaseSupported(step);\n',
    replace: '',
    reason: 'The app would check a job of another build by rules for other writes.',
    test: { file: NOT_YET, name: 'ends with the code and sends nothing' },
  },
  {
    id: 'a VM with managed disks fails back to Hyper-V',
    file: 'shared/scenarios/hyperVToAzure/failback.ts',
    find: 'settings.disks.some(({ managed }) => managed)',
    replace: 'settings.disks.some(() => false)',
    reason: 'The VM in Azure would stop, and Site Recovery would refuse its way home.',
    test: { file: SITE_OPERATIONS, name: 'a VM with managed disks cannot fail back to Hyper-V' },
  },
  {
    id: 'a failback of a site counts as a failover to Azure',
    file: 'shared/scenarios/hyperVToAzure/rules.ts',
    find: "begunIn === 'original' ? 'Recovery' : 'Primary'",
    replace: "begunIn === 'original' ? 'Recovery' : 'Recovery'",
    reason: 'A failback would never settle, or settle before the VM is at home.',
    test: { file: SITE_OPERATIONS, name: 'a VM of a Hyper-V site fails over, commits, fails back' },
  },
  {
    id: 'a planned failover of a site is sent as an unplanned one',
    file: 'shared/scenarios/hyperVToAzure/writes.ts',
    find: "if (item.activeLocation === 'Recovery' || planned) {",
    replace: "if (item.activeLocation === 'Recovery') {",
    reason: 'The last changes of the VM would be lost.',
    test: { file: SITE_OPERATIONS, name: 'a planned failover waits for the last changes' },
  },
  {
    id: 'a machine with several disks needs no disk with the system',
    file: 'shared/scenarios/hyperVToAzure/enabling/draft.ts',
    find: 'if (osDisk === undefined && machine.disks.length > 1) {',
    replace: 'if (osDisk === undefined && machine.disks.length > 99) {',
    reason: 'Site Recovery would take any disk as the one with the system, and the VM would not start.',
    test: { file: SITE_ENABLING, name: 'a preview refuses wrong settings and names the reason' },
  },
  {
    id: 'a registration key opens any site',
    file: 'shared/enabling/registrationKey.ts',
    find: 'if (found) return found;',
    replace: 'if (found ?? sites[0]) return found ?? sites[0] ?? null;',
    reason: 'A host would register in a site that nobody named.',
    test: { file: REGISTRATION, name: 'no key is made for an unknown site' },
  },
  {
    id: 'a registration key may lack its certificate',
    file: 'shared/azure/vaultCredentials.ts',
    find: 'certificate: z.string().min(1),',
    replace: 'certificate: z.string(),',
    reason: 'The caller would carry a useless key to every host.',
    test: { file: REGISTRATION, name: 'an answer of Azure without a certificate makes no key' },
  },
];
