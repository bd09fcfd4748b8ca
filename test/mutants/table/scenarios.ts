// Mutants of scenarios that Lifeboat can only read, and of the registration of servers.
import type { Mutant } from '../mutant.ts';

const NOT_YET = 'test/shared/scenarios/readOnlyScenario.test.ts';
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
