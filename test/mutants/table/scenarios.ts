// Mutants of scenarios that Lifeboat can only read.
import type { Mutant } from '../mutant.ts';

const NOT_YET = 'test/shared/scenarios/readOnlyScenario.test.ts';

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
];
