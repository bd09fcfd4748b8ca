// The readiness checks of network connections, and the security rules that fix them.
import fc from 'fast-check';
import { CLOUDS, cloudOf, ENDPOINTS, firewallText } from '../../../shared/scenarios/enabling/clouds.ts';
import type { AzureFacts, SecurityRule } from '../../../shared/azure/facts.ts';
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import { readinessOf, ruleFixesFor } from '../../../shared/enabling/rules/checks/readiness.ts';
import {
  FACTS,
  codesOf,
  factsWith,
  makeVm,
  makeNetwork,
  networkId,
  makeNic,
  onlyVm,
  makeSecurityRule,
  containingText,
  makeSecurityGroup,
  securityGroupId,
  makeRequest,
} from './facts.ts';

const behind = (own: readonly SecurityRule[], more: Partial<AzureFacts> = {}) =>
  factsWith({
    vms: [
      makeVm('web', { nics: [makeNic('web-nic', { securityGroupId: securityGroupId('own') })] }),
      makeVm('app', {
        nics: [makeNic('app-nic', { subnet: 'app', securityGroupId: securityGroupId('own') })],
      }),
    ],
    securityGroups: [makeSecurityGroup('own', own)],
    ...more,
  });
const check = (facts: AzureFacts, id: string, request = makeRequest(['web'])) =>
  previewEnabling(facts, request).vms[0]?.checks.find((readinessCheck) => readinessCheck.id === id);
const TAGS = ['Storage', 'AzureActiveDirectory', 'AzureSiteRecovery', 'EventHub'];
const allow = (tag: string, priority: number) =>
  makeSecurityRule(`allow-${tag}`, priority, {
    access: 'Allow',
    protocol: 'TCP',
    destinations: [tag],
    destinationPorts: ['443'],
  });

test('a rule that denies the internet fails a VM unless earlier rules allow each service [PRE-4]', () => {
  expect(check(behind([]), 'PRE-4')).toMatchObject({ verdict: 'pass' });
  const closed = check(
    behind([makeSecurityRule('no-internet', 4000, { destinations: ['Internet'] })]),
    'PRE-4',
  );
  expect(closed).toMatchObject({ verdict: 'fail' });
  for (const tag of TAGS) expect(closed?.message).toContain(`${tag} (`);
  expect(closed?.message).toContain('the rule "no-internet" (4000) of own blocks it');
  const open = [
    ...TAGS.map((tag, at) => allow(tag, 100 + at)),
    makeSecurityRule('no-internet', 4000, { destinations: ['Internet'] }),
  ];
  expect(check(behind(open), 'PRE-4')).toMatchObject({ verdict: 'pass' });
  expect(check(behind(open.slice(1)), 'PRE-4')?.message).toMatch(
    /Storage \(\*\.blob\.core\.windows\.net\): the rule "no-internet"[^;]*$/,
  );
});

test('the check weighs priority, port, protocol, regional tag and address range of a rule [PRE-4]', () => {
  const verdict = (...rules: SecurityRule[]) => check(behind(rules), 'PRE-4')?.verdict;
  expect(verdict(makeSecurityRule('late', 300), makeSecurityRule('early', 200, { access: 'Allow' }))).toBe(
    'pass',
  );
  expect(verdict(makeSecurityRule('early', 200), makeSecurityRule('late', 300, { access: 'Allow' }))).toBe(
    'fail',
  );
  expect(verdict(makeSecurityRule('mail', 200, { destinationPorts: ['25', '100-200'] }))).toBe('pass');
  expect(verdict(makeSecurityRule('web', 200, { destinationPorts: ['400-500'] }))).toBe('fail');
  expect(verdict(makeSecurityRule('udp', 200, { protocol: 'Udp' }))).toBe('pass');
  expect(verdict(makeSecurityRule('inward', 200, { direction: 'Inbound' }))).toBe('pass');
  expect(verdict(makeSecurityRule('storage here', 200, { destinations: ['Storage.EastAsia'] }))).toBe('fail');
  expect(verdict(makeSecurityRule('storage elsewhere', 200, { destinations: ['Storage.WestEurope'] }))).toBe(
    'pass',
  );
  expect(verdict(makeSecurityRule('cloud', 200, { destinations: ['AzureCloud'] }))).toBe('fail');
  expect(verdict(makeSecurityRule('private', 200, { destinations: ['10.0.0.0/8'] }))).toBe('pass');
  expect(verdict(makeSecurityRule('public', 200, { destinations: ['20.0.0.0/8'] }))).toBe('warn');
  expect(verdict(makeSecurityRule('this subnet', 200, { sources: ['10.20.0.0/24'] }))).toBe('fail');
  expect(verdict(makeSecurityRule('other subnet', 200, { sources: ['10.20.1.0/24'] }))).toBe('pass');
  expect(verdict(makeSecurityRule('half', 200, { sources: ['10.20.0.0/25'] }))).toBe('warn');
});

test("the group of the subnet must allow it as well as the interface's own [PRE-4]", () => {
  const shut = makeNetwork('shop-network');
  const facts = factsWith({
    networks: [
      {
        ...shut,
        subnets: shut.subnets.map((subnet) => ({ ...subnet, securityGroupId: securityGroupId('subnets') })),
      },
    ],
    securityGroups: [makeSecurityGroup('subnets', [makeSecurityRule('shut', 100)])],
  });
  expect(check(facts, 'PRE-4')?.message).toContain('the rule "shut" (100) of subnets blocks it');
});

test("a VM without outbound access fails with the check's name, and allowFailedChecks accepts it [PRE-4]", () => {
  const facts = behind([makeSecurityRule('shut', 100)]);
  const refused = onlyVm(previewEnabling(facts, makeRequest(['web'])));
  expect(refused.refusals).toEqual([
    { code: 'NotReady', message: containingText('PRE-4 Outbound connectivity') },
  ]);
  expect(previewEnabling(facts, makeRequest(['web'])).prerequisites).toEqual([]);
  expect(
    onlyVm(previewEnabling(facts, makeRequest(['web'], { allowFailedChecks: ['PRE-4'] }))),
  ).toMatchObject({
    verdict: 'enable',
    warnings: [{ code: 'PRE-4', message: expect.stringContaining('ignores this failure') as string }],
  });
  expect(onlyVm(previewEnabling(facts, makeRequest(['web'], { allowFailedChecks: ['PRE-2'] }))).verdict).toBe(
    'refused',
  );
});

test('an authenticating proxy fails, and an unknown proxy gives a manual check [PRE-4]', () => {
  const proxy = (more: { readonly [key: string]: unknown } = {}) =>
    previewEnabling(FACTS, makeRequest(['web'], more));
  const checkOf = (preview: ReturnType<typeof proxy>) =>
    preview.checks.find(({ name }) => name === 'Authenticating proxy')?.verdict;
  expect(checkOf(proxy())).toBe('manual');
  expect(checkOf(proxy({ proxy: { authenticates: false } }))).toBe('pass');
  const refused = proxy({ proxy: { authenticates: true }, allowFailedChecks: ['PRE-4'] });
  expect(codesOf(refused.refusals)).toEqual(['AuthenticatingProxy']);
  expect([refused.prerequisites, refused.vms[0]?.verdict, checkOf(refused)]).toEqual([[], 'refused', 'fail']);
});

const randomRules = fc.uniqueArray(
  fc.record({
    priority: fc.integer({ min: 110, max: 4096 }),
    access: fc.constantFrom('Allow' as const, 'Deny' as const),
    direction: fc.constantFrom('Inbound' as const, 'Outbound' as const),
    destinations: fc.constantFrom(
      ['*'],
      ['Internet'],
      ['VirtualNetwork'],
      ['Storage'],
      ['EventHub', 'AzureSiteRecovery'],
      ['20.0.0.0/8'],
      ['10.20.0.0/16'],
    ),
    destinationPorts: fc.constantFrom(['*'], ['443'], ['20004'], ['0-65535']),
  }),
  { selector: (entry) => `${entry.direction} ${entry.priority}`, maxLength: 12 },
);

test('the produced rules open every connection beside any present rules [PRE-5]', () => {
  fc.assert(
    fc.property(randomRules, (random) => {
      const rules = random.map((entry, at) => makeSecurityRule(`rule-${at}`, entry.priority, entry));
      const facts = behind(rules);
      const request = makeRequest(['web', 'app'], { multiVmGroup: { name: 'shop' } });
      const fixes = ruleFixesFor(facts, request);
      const added = fixes
        .flatMap(({ securityRules }) => securityRules)
        .map(
          ({
            name,
            properties: {
              priority,
              direction,
              access,
              protocol,
              sourceAddressPrefix,
              destinationAddressPrefix,
              destinationPortRange,
            },
          }): SecurityRule => ({
            name,
            priority,
            direction,
            access,
            protocol,
            sources: [sourceAddressPrefix],
            destinations: [destinationAddressPrefix],
            destinationPorts: [destinationPortRange],
          }),
        );
      expect(fixes.flatMap(({ impossible }) => impossible)).toEqual([]);
      for (const securityRule of added) {
        expect(
          rules.some(
            (other) => other.direction === securityRule.direction && other.priority === securityRule.priority,
          ),
        ).toBe(false);
        expect(securityRule.priority).toBeGreaterThanOrEqual(100);
        expect(securityRule.priority).toBeLessThanOrEqual(4096);
      }
      const fixed = behind([...rules, ...added]);
      for (const id of ['PRE-4', 'PRE-7'])
        expect(check(fixed, id, request)).toMatchObject({ verdict: 'pass' });
      expect(ruleFixesFor(fixed, request)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('each service tag gets one rule before the blocking rule, if a priority is free [PRE-5]', () => {
  const [fix] = ruleFixesFor(behind([makeSecurityRule('shut', 200)]), makeRequest(['web']));
  expect(fix?.securityGroupId).toBe(securityGroupId('own'));
  expect(fix?.securityRules.map(({ properties }) => properties.destinationAddressPrefix).sort()).toEqual(
    [...TAGS].sort(),
  );
  expect(fix?.securityRules[0]).toEqual({
    name: 'SiteRecovery-AzureActiveDirectory-Outbound',
    properties: {
      description: 'Lets Azure Site Recovery replicate the VMs of this group.',
      priority: 199,
      direction: 'Outbound',
      access: 'Allow',
      protocol: 'Tcp',
      sourceAddressPrefix: '*',
      sourcePortRange: '*',
      destinationAddressPrefix: 'AzureActiveDirectory',
      destinationPortRange: '443',
    },
  });
  const first = ruleFixesFor(behind([makeSecurityRule('shut', 100)]), makeRequest(['web']))[0];
  expect(first?.securityRules).toEqual([]);
  expect(first?.impossible[0]).toContain('Give the rule at 100 a higher number');
});

test('a rule that blocks TCP 20004 between members of a multi-VM group fails the check [PRE-7]', () => {
  const request = makeRequest(['web', 'app'], { multiVmGroup: { name: 'shop' } });
  expect(check(behind([]), 'PRE-7', request)).toMatchObject({
    verdict: 'pass',
    message: containingText("the guest's own firewall must be opened for TCP 20004 too"),
  });
  const shut = check(
    behind([makeSecurityRule('no-neighbours', 200, { direction: 'Inbound', sources: ['VirtualNetwork'] })]),
    'PRE-7',
    request,
  );
  expect(shut).toMatchObject({
    verdict: 'fail',
    message: containingText('the rule "no-neighbours" (200) of own blocks it'),
  });
  expect(
    check(
      behind([
        makeSecurityRule('no-neighbours', 200, {
          sources: ['VirtualNetwork'],
          destinations: ['10.20.1.0/24'],
        }),
      ]),
      'PRE-7',
      request,
    )?.verdict,
  ).toBe('fail');
  expect(
    check(
      behind([makeSecurityRule('no-neighbours', 200, { destinations: ['10.20.0.0/24'] })]),
      'PRE-7',
      request,
    )?.verdict,
  ).toBe('pass');
  expect(check(behind([makeSecurityRule('no-neighbours', 200)]), 'PRE-7')).toBeUndefined();
  expect(
    previewEnabling(
      behind([makeSecurityRule('no-neighbours', 200, { direction: 'Inbound' })]),
      request,
    ).vms.map(({ verdict }) => verdict),
  ).toEqual(['refused', 'refused']);
  const windows = behind([], {
    vms: ['web', 'app'].map((name) =>
      makeVm(name, {
        osType: 'Windows',
        nics: [makeNic(`${name}-nic`, { networkId: networkId('shop-network') })],
      }),
    ),
  });
  expect(check(windows, 'PRE-7', request)?.message).not.toContain('firewall');
});

test('trusted roots are a manual check with a remedy for Windows and for Linux [PRE-6]', () => {
  expect(check(FACTS, 'PRE-6')).toMatchObject({
    verdict: 'manual',
    remedy: containingText('certificate revocation list'),
  });
  const windows = check(factsWith({ vms: [makeVm('web', { osType: 'Windows' })] }), 'PRE-6');
  expect(windows).toMatchObject({ verdict: 'manual', remedy: containingText('all updates of Windows') });
  expect(windows?.remedy).toContain('without internet');
});

test('the firewall list by URL, by service tag and by range, for each cloud [PRE-9]', () => {
  const { checks } = previewEnabling(FACTS, makeRequest(['web']));
  expect(checks.find(({ id }) => id === 'PRE-9')).toMatchObject({
    verdict: 'manual',
    remedy: containingText('*.hypervrecoverymanager.windowsazure.com'),
  });
  const cloudByRegion = {
    eastasia: 'public',
    germanywestcentral: 'public',
    germanycentral: 'germany',
    chinanorth3: 'china',
    chinanorth9: 'china',
    usgovvirginia: 'usGovernment',
    usdodeast: 'usGovernment',
  };
  for (const [region, cloud] of Object.entries(cloudByRegion)) expect(cloudOf(region)).toBe(cloud);
  const text = firewallText('public', { source: 'eastasia', target: 'southeastasia' });
  for (const part of [
    '*.blob.core.windows.net',
    'login.microsoftonline.com',
    '*.servicebus.windows.net',
    'Storage.eastasia',
    'EventHub.southeastasia',
    'AzureSiteRecovery',
    'By address range',
    'https://endpoints.office.com/endpoints/Worldwide',
    "Site Recovery's own addresses",
  ])
    expect(text).toContain(part);
  expect(firewallText('china', { source: 'chinaeast2', target: 'chinanorth3' })).toContain(
    'login.chinacloudapi.cn',
  );
  expect(firewallText('germany', { source: 'germanycentral', target: 'germanynortheast' })).toContain(
    'login.microsoftonline.de',
  );
  for (const cloud of CLOUDS) expect(ENDPOINTS[cloud].map(({ serviceTag }) => serviceTag)).toEqual(TAGS);
});

test('one report: a line per check and VM with its remedy, worst first, and the rules that fix it [PRE-1]', () => {
  const facts = behind([makeSecurityRule('shut', 200)]);
  const request = makeRequest(['web', 'app']);
  const report = readinessOf(previewEnabling(facts, request), facts, request);
  expect(report.verdict).toBe('fail');
  expect(report.lines.slice(0, 2).map(({ id, vmName, verdict }) => [id, vmName, verdict])).toEqual([
    ['PRE-4', 'web', 'fail'],
    ['PRE-4', 'app', 'fail'],
  ]);
  expect(report.counts.fail).toBe(2);
  expect(Object.values(report.counts).reduce((sum, entry) => sum + entry, 0)).toBe(report.lines.length);
  for (const { verdict, remedy } of report.lines) if (verdict !== 'pass') expect(remedy).toMatch(/\S/);
  expect(new Set(report.lines.map(({ id }) => id))).toEqual(
    new Set(['VAULT-1', 'PRE-3', 'PRE-4', 'PRE-6', 'PRE-8', 'PRE-9', 'PRE-10']),
  );
  expect(report.securityRules).toHaveLength(1);
  expect(readinessOf(previewEnabling(FACTS, request), FACTS, request).verdict).toBe('manual');
});

test('connections from on premises and the operating system version are manual checks [PRE-10]', () => {
  const preview = previewEnabling(FACTS, makeRequest(['web']));
  expect(preview.checks.find(({ id }) => id === 'PRE-10')).toMatchObject({
    name: 'Connections from on premises',
    verdict: 'manual',
  });
  expect(preview.vms[0]?.checks.filter(({ id }) => id === 'PRE-10').map(({ verdict }) => verdict)).toEqual([
    'pass',
    'manual',
  ]);
});
