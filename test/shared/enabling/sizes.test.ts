// The VM sizes and the quotas in a preview.
import fc from 'fast-check';
import type { AzureFacts, SourceVm } from '../../../shared/azure/facts.ts';
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import {
  FACTS,
  PRODUCTION,
  choiceOf,
  codesOf,
  makeDisk,
  factsWith,
  makeVm,
  makeNic,
  onlyVm,
  settingsOf,
  vmId,
  makeRequest,
} from './facts.ts';

const of = (vm: Partial<SourceVm>, target: object = {}, more: Partial<AzureFacts> = {}) =>
  previewEnabling(factsWith({ vms: [makeVm('web', vm)], ...more }), makeRequest(['web'], { target }));
const quota = (name: string, limit: number) =>
  FACTS.quotas.map((quotaFacts) => (quotaFacts.name === name ? { ...quotaFacts, limit } : quotaFacts));

test('the source size stays when the region sells it [PRE-3]', () => {
  expect(settingsOf(of({})).size).toBeNull();
  expect(choiceOf(of({}), 'size')).toEqual({
    what: 'size',
    chosen: 'Standard_D2s_v5',
    reason: "It is the source's size, and southeastasia has it.",
  });
  expect(onlyVm(of({})).checks.find(({ id }) => id === 'PRE-3')).toMatchObject({ verdict: 'pass' });
});

test('the closest sold size that fits the VM replaces a size that is not sold [PRE-3]', () => {
  const preview = of({ size: 'Standard_L8s_v3' });
  expect(settingsOf(preview).size).toBe('Standard_E8s_v5');
  expect(choiceOf(preview, 'size')?.reason).toMatch(
    /Standard_L8s_v3 \(8 vCPUs, 64 GB.*cannot be had in southeastasia: it is not sold there.*closest.*8 vCPUs, 64 GB/,
  );
  expect(onlyVm(preview).checks.find(({ id }) => id === 'PRE-3')).toMatchObject({ verdict: 'warn' });
  expect(
    settingsOf(
      of({ size: 'Standard_L8s_v3', disks: [makeDisk('web-os')] }, { targetDiskType: 'Standard_LRS' }),
    ).size,
  ).toBe('Standard_E8s_v5');
  expect(settingsOf(of({ size: 'Standard_D2_v5' })).size).toBe('Standard_D2s_v5');
  expect(settingsOf(of({ size: 'Standard_D2_v5' }, { targetDiskType: 'Standard_LRS' })).size).toBeNull();
  const only3 = FACTS.sizes.map((size) =>
    size.region === 'southeastasia' && size.name !== 'Standard_E4s_v5'
      ? { ...size, zones: ['1', '2'] }
      : size,
  );
  expect(settingsOf(of({ zone: '3' }, {}, { sizes: only3 })).size).toBe('Standard_E4s_v5');
  const gen2 = FACTS.sizes.map((size) =>
    size.name === 'Standard_D2s_v5' ? { ...size, generations: ['V2'] } : size,
  );
  expect(settingsOf(of({ generation: 'V1' }, {}, { sizes: gen2 })).size).toBe('Standard_D4s_v5');
});

test('every chosen size fits the VM [PRE-3]', () => {
  const counts = fc.record({
    nics: fc.integer({ min: 1, max: 5 }),
    data: fc.integer({ min: 0, max: 10 }),
    size: fc.constantFrom(...FACTS.sizes.map(({ name }) => name)),
    zone: fc.constantFrom(null, '1', '2'),
  });
  const sizes = FACTS.sizes.map((sizeFacts, at) => ({
    ...sizeFacts,
    nics: 1 + (at % 5),
    dataDisks: 2 + (at % 9),
    zones: at % 2 ? ['1'] : ['1', '2'],
  }));
  fc.assert(
    fc.property(counts, ({ nics, data, size, zone }) => {
      const preview = of(
        {
          size,
          zone,
          nics: Array.from({ length: nics }, (_, at) => makeNic(`n${at}`, { primary: at === 0 })),
          disks: [makeDisk('web-os'), ...Array.from({ length: data }, (_, at) => makeDisk(`d${at}`))],
        },
        {},
        { sizes },
      );
      const vm = onlyVm(preview);
      if (!vm.settings) {
        expect(codesOf(vm.refusals)).toEqual(['NoSize']);
        return;
      }
      const chosen = sizes.find(
        (candidate) => candidate.region === 'southeastasia' && candidate.name === (vm.settings?.size ?? size),
      );
      expect(chosen).toMatchObject({ restricted: false, premiumStorage: true });
      expect(chosen?.nics).toBeGreaterThanOrEqual(nics);
      expect(chosen?.dataDisks).toBeGreaterThanOrEqual(data);
      if (zone !== null) expect(chosen?.zones).toContain(zone);
    }),
  );
});

test('the preview accepts an available given size, and a refusal names the closest one [PRE-3]', () => {
  expect(settingsOf(of({}, { size: 'standard_d4S_v5' })).size).toBe('Standard_D4s_v5');
  const refused = of({}, { size: 'Standard_L8s_v3' });
  expect(onlyVm(refused).refusals[0]).toMatchObject({
    code: 'SizeNotThere',
    message: expect.stringMatching(/Name one of: Standard_D2s_v5, Standard_D4s_v5/) as unknown,
  });
  expect(codesOf(onlyVm(of({ size: 'Standard_Odd' })).refusals)).toEqual(['SizeUnknown']);
});

test('the preview never chooses a size that the subscription may not have [PRE-8]', () => {
  expect(codesOf(onlyVm(of({}, { size: 'Standard_M64s' })).refusals)).toEqual(['SizeNotThere']);
  expect(onlyVm(of({}, { size: 'Standard_M64s' })).checks.find(({ id }) => id === 'PRE-8')).toMatchObject({
    verdict: 'fail',
  });
  expect(choiceOf(of({ size: 'Standard_M64s' }), 'size')?.reason).toContain(
    'the target subscription may not have it there',
  );
  expect(onlyVm(of({})).checks.find(({ id }) => id === 'PRE-8')).toMatchObject({ verdict: 'pass' });
  const nothing = FACTS.sizes.map((size) => ({ ...size, restricted: size.region === 'southeastasia' }));
  expect(onlyVm(of({}, {}, { sizes: nothing })).refusals[0]).toMatchObject({
    code: 'NoSize',
    message: expect.stringContaining('Ask Azure support') as unknown,
  });
});

test('VMs count together: each alone would fit, both do not, and both refusals give the count [PRE-2]', () => {
  const facts = factsWith({ quotas: quota('standardDSv5Family', 3) });
  expect(onlyVm(previewEnabling(facts, makeRequest(['web']))).verdict).toBe('enable');
  const both = previewEnabling(facts, makeRequest(['web', 'app']));
  expect(both.vms.map(({ verdict, refusals }) => [verdict, codesOf(refusals)])).toEqual([
    ['refused', ['NotReady']],
    ['refused', ['NotReady']],
  ]);
  expect(both.vms[0]?.refusals[0]?.message).toContain('PRE-2');
  expect(both.prerequisites).toEqual([]);
});

test('the quota check includes VMs of other jobs and counts each VM once [PRE-2]', () => {
  const facts = (more: Partial<AzureFacts>) => factsWith({ quotas: quota('standardDSv5Family', 5), ...more });
  const other = { vmId: vmId('elsewhere'), size: 'Standard_D2s_v5' };
  expect(previewEnabling(facts({}), makeRequest(['web', 'app'])).vms.map(({ verdict }) => verdict)).toEqual([
    'enable',
    'enable',
  ]);
  const short = previewEnabling(facts({ incomingVms: [other] }), makeRequest(['web', 'app']));
  expect(short.vms.map(({ verdict }) => verdict)).toEqual(['refused', 'refused']);
  expect(short.checks.find(({ id, verdict }) => id === 'PRE-2' && verdict === 'fail')?.message).toContain(
    '6 are needed for 2 VMs together with 1 that other running jobs are enabling',
  );
  expect(
    previewEnabling(
      facts({ incomingVms: [{ ...other, vmId: vmId('web').toUpperCase() }] }),
      makeRequest(['web', 'app']),
    ).vms.map(({ verdict }) => verdict),
  ).toEqual(['enable', 'enable']);
});

test('a shortage names family, region, missing count and the quota request that fixes it [PRE-8]', () => {
  const { checks } = previewEnabling(
    factsWith({ quotas: quota('standardDSv5Family', 3) }),
    makeRequest(['web', 'app']),
  );
  const short = checks.find(({ id, verdict }) => id === 'PRE-2' && verdict === 'fail');
  expect(short?.message).toBe(
    'For vCPUs of the family standardDSv5Family in southeastasia, 4 are needed for 2 VMs ' +
      'together, and 3 are free (0 of 3 used): 1 are missing.',
  );
  expect(short?.remedy).toContain(
    'Request a quota of at least 4 for "Standard DSv5 Family vCPUs" in southeastasia for the ' +
      `subscription ${PRODUCTION}`,
  );
});

test('a short family quota refuses its own VMs, and a short total quota refuses all VMs [PRE-2]', () => {
  const facts = (quotas: AzureFacts['quotas']) =>
    factsWith({ vms: [makeVm('web'), makeVm('big', { size: 'Standard_E8s_v5' })], quotas });
  const verdicts = (
    quotas: AzureFacts['quotas'],
    more: { readonly allowFailedChecks?: readonly string[] } = {},
  ) => previewEnabling(facts(quotas), makeRequest(['web', 'big'], more)).vms.map(({ verdict }) => verdict);
  expect(verdicts(quota('standardESv5Family', 7))).toEqual(['enable', 'refused']);
  expect(verdicts(quota('cores', 19))).toEqual(['refused', 'refused']);
  expect(verdicts(quota('cores', 20))).toEqual(['enable', 'enable']);
  expect(verdicts(quota('cores', 19), { allowFailedChecks: ['PRE-2'] })).toEqual(['enable', 'enable']);
  expect(
    previewEnabling(facts([]), makeRequest(['web']))
      .checks.filter(({ id }) => id === 'PRE-2')
      .map(({ verdict }) => verdict),
  ).toEqual(['warn', 'warn']);
});

test('VMs with another refusal use no quota of the others [PRE-2]', () => {
  const facts = factsWith({
    vms: [makeVm('web'), makeVm('off', { power: 'deallocated' })],
    quotas: quota('standardDSv5Family', 2),
  });
  expect(
    previewEnabling(facts, makeRequest(['web', { id: vmId('off') }])).vms.map(({ verdict }) => verdict),
  ).toEqual(['enable', 'refused']);
});

test('a smaller requested size gives a warning of the preview and in its summary [OP-14]', () => {
  const big = of({ size: 'Standard_E8s_v5' }, { size: 'Standard_D2s_v5' });
  expect(onlyVm(big)).toMatchObject({
    verdict: 'enable',
    summary: 'It can be enabled, with 1 warning: PRE-3.',
  });
  expect(onlyVm(big).warnings).toEqual([
    {
      code: 'PRE-3',
      message: expect.stringMatching(
        /It was asked for. It is smaller than the source's size Standard_E8s_v5: 2 of 8 vCPUs/,
      ) as string,
    },
  ]);
  expect(onlyVm(of({}))).toMatchObject({ summary: 'It can be enabled.', warnings: [] });
});
