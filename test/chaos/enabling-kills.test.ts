// Kills the app at one boundary while it enables VMs, and at one while it disables them. `npm run
// chaos` plays all boundaries, with 50 VMs.
import { runEnablingKills, ENABLING_KILLS } from './enabling-kills.ts';

const VMS = 8;
const SAMPLE: readonly string[] = ['item made: done, not answered'];

test.each(ENABLING_KILLS.filter(({ enabling }) => SAMPLE.includes(enabling.name)))(
  // Also covers [OP-10].
  `${VMS} VMs, killed at "$enabling.name" and at "$disabling.name": ` +
    'each VM and each prerequisite once [A2A-17] [A2A-20] [OP-9]',
  async (deaths) => {
    await runEnablingKills(VMS, deaths);
  },
);

test('the sample contains only existing boundaries', () => {
  expect(ENABLING_KILLS.filter(({ enabling }) => SAMPLE.includes(enabling.name))).toHaveLength(SAMPLE.length);
});
