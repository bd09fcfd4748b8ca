// The app dies while VMs are enabled and disabled: one of the boundaries of each. All of them, and
// with 50 VMs: `npm run chaos`.
import { runEnablingKills, ENABLING_KILLS } from './enabling-kills.ts';

const VMS = 8;
const SAMPLE: readonly string[] = ['item made: done, not answered'];

test.each(ENABLING_KILLS.filter(({ enabling }) => SAMPLE.includes(enabling.name)))(
  `[A2A-17] [A2A-20] [OP-9] [OP-10] ${VMS} VMs, killed at "$enabling.name" and at ` +
    '"$disabling.name": each once, and each part once',
  async (deaths) => {
    await runEnablingKills(VMS, deaths);
  },
);

test('the sample is of boundaries that there are', () => {
  expect(ENABLING_KILLS.filter(({ enabling }) => SAMPLE.includes(enabling.name))).toHaveLength(SAMPLE.length);
});
