// The check of the maker's support for an operating system, by the date of the clock.
import { checkOsSupport } from '../../../../shared/scenarios/enabling/osSupport.ts';

const verdict = (os: string | null, now: string): string | undefined => checkOsSupport(os, now)[0]?.verdict;

test('an operating system passes on its last day of support, and is a warning on the next [PRE-10]', () => {
  expect(verdict('Windows Server 2016 Datacenter 10.0.14393', '2027-01-12T23:59:59.000Z')).toBe('pass');
  expect(verdict('Windows Server 2016 Datacenter 10.0.14393', '2027-01-13T00:00:00.000Z')).toBe('warn');
  expect(verdict('centos 7.9.2009', '2024-06-30T12:00:00.000Z')).toBe('pass');
  expect(verdict('centos 7.9.2009', '2024-07-01T12:00:00.000Z')).toBe('warn');
});

test.each([
  ['centos 6.10', 'CentOS Linux 6'],
  ['CentOS 7_9-gen2', 'CentOS Linux 7'],
  ['centos 8.5.2111', 'CentOS Linux 8'],
  ['WindowsServer 2008-R2-SP1', 'Windows Server 2008'],
  ['Windows Server 2008 R2 Datacenter', 'Windows Server 2008'],
  ['Windows UNKNOWN 6.1.7601', 'Windows Server 2008'],
  ['WindowsServer 2012-R2-Datacenter', 'Windows Server 2012'],
  ['RHEL 7-LVM', 'Red Hat Enterprise Linux 7'],
  ['redhat 7.9', 'Red Hat Enterprise Linux 7'],
  ['UbuntuServer 18.04-LTS', 'Ubuntu 18.04'],
  ['0001-com-ubuntu-server-focal 20_04-lts', 'Ubuntu 20.04'],
  ['debian 10.13', 'Debian 10'],
  ['sles-12-sp5 gen2', 'SUSE Linux Enterprise Server 12'],
  ['Oracle-Linux ol79-gen2', 'Oracle Linux 7'],
])('"%s" is out of support as %s, with its source [PRE-10]', (text, name) => {
  const [check] = checkOsSupport(text, '2026-01-05T08:00:00.000Z');
  expect(check).toMatchObject({ id: 'PRE-10', verdict: 'warn' });
  expect(check?.message).toContain(`The maker of ${name} `);
  expect(check?.message).toMatch(/https:\/\//);
});

test.each([
  null,
  '',
  'ubuntu 22.04',
  'redhat 9.3',
  'debian 12',
  'oracle 8.9',
  'Windows Server 2022 Datacenter',
])('"%s" is no warning [PRE-10]', (text) => {
  expect(verdict(text, '2026-01-05T08:00:00.000Z')).not.toBe('warn');
});
