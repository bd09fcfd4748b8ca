// Kills the app at one boundary while it enables VMs, and at one while it disables them. `npm run
// chaos` plays all boundaries, with 50 VMs.
import { enablingKillsOf, runEnablingKills } from './enabling-kills.ts';
import { ENABLING_SCENARIOS, type EnablingScenarioName } from './enabling-scenarios.ts';

const VMS = 8;
const SAMPLE = 'item made: done, not answered';
const SCENARIOS = Object.keys(ENABLING_SCENARIOS) as readonly EnablingScenarioName[];
const kills = SCENARIOS.flatMap((scenario) =>
  enablingKillsOf(scenario).filter(({ enabling }) => enabling.name === SAMPLE),
);

test.each(kills)(
  // Also covers [OP-10].
  `${VMS} VMs of $scenario, killed at "$enabling.name" and at "$disabling.name": ` +
    'each VM and each prerequisite once [A2A-17] [A2A-20] [OP-9]',
  async (deaths) => {
    await runEnablingKills(VMS, deaths);
  },
);

test('the sample has one run of each scenario', () => {
  expect(kills.map(({ scenario }) => scenario)).toEqual(SCENARIOS);
});
