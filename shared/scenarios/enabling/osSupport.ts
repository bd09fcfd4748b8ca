// Warns of an operating system that its maker no longer supports. Site Recovery may still replicate
// it, so this never refuses a VM. Pure.
import type { ReadinessCheck } from './preview.ts';

/** The last day on which the maker supports an operating system, without paid extensions. */
interface OsSupport {
  readonly name: string;
  /** Fits the name and version as the VM agent, the image or Site Recovery writes them. */
  readonly pattern: RegExp;
  readonly lastDay: string;
  readonly source: string;
}

const MICROSOFT = 'https://learn.microsoft.com/lifecycle/products';
const RED_HAT = 'https://access.redhat.com/support/policy/updates/errata';
const CENTOS = 'https://www.centos.org/centos-linux-eol';
const UBUNTU = 'https://ubuntu.com/about/release-cycle';
const DEBIAN = 'https://wiki.debian.org/LTS';
const SUSE = 'https://www.suse.com/lifecycle';
const ORACLE = 'https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf';

const os = (name: string, pattern: RegExp, lastDay: string, source: string): OsSupport => ({
  name,
  pattern,
  lastDay,
  source,
});

/** The first entry that fits counts. Texts are in lower case, with points and blanks only. */
const OS_SUPPORT: readonly OsSupport[] = [
  os('Windows Server 2003', /windows server 2003/, '2015-07-14', `${MICROSOFT}/windows-server-2003-`),
  os(
    'Windows Server 2008',
    /windows server 2008|windows.* 6\.[01]\./,
    '2020-01-14',
    `${MICROSOFT}/windows-server-2008-r2`,
  ),
  os(
    'Windows Server 2012',
    /windows server 2012|windows.* 6\.[23]\./,
    '2023-10-10',
    `${MICROSOFT}/windows-server-2012-r2`,
  ),
  os('Windows Server 2016', /windows server 2016/, '2027-01-12', `${MICROSOFT}/windows-server-2016`),
  os('Windows Server 2019', /windows server 2019/, '2029-01-09', `${MICROSOFT}/windows-server-2019`),
  os('Windows Server 2022', /windows server 2022/, '2031-10-14', `${MICROSOFT}/windows-server-2022`),
  os('CentOS Linux 6', /centos\D*6(?!\d)/, '2020-11-30', CENTOS),
  os('CentOS Linux 7', /centos\D*7(?!\d)/, '2024-06-30', CENTOS),
  os('CentOS Stream 8', /centos stream 8/, '2024-05-31', CENTOS),
  os('CentOS Linux 8', /centos\D*8(?!\d)/, '2021-12-31', CENTOS),
  os('Red Hat Enterprise Linux 6', /(rhel|red ?hat)\D*6(?!\d)/, '2020-11-30', RED_HAT),
  os('Red Hat Enterprise Linux 7', /(rhel|red ?hat)\D*7(?!\d)/, '2024-06-30', RED_HAT),
  os('Red Hat Enterprise Linux 8', /(rhel|red ?hat)\D*8(?!\d)/, '2029-05-31', RED_HAT),
  os('Ubuntu 14.04', /ubuntu.*14\.04/, '2019-04-30', UBUNTU),
  os('Ubuntu 16.04', /ubuntu.*16\.04/, '2021-04-30', UBUNTU),
  os('Ubuntu 18.04', /ubuntu.*18\.04/, '2023-05-31', UBUNTU),
  os('Ubuntu 20.04', /ubuntu.*20\.04/, '2025-05-31', UBUNTU),
  os('Debian 9', /debian\D*9(?!\d)/, '2022-06-30', DEBIAN),
  os('Debian 10', /debian\D*10(?!\d)/, '2024-06-30', DEBIAN),
  os('Debian 11', /debian\D*11(?!\d)/, '2026-08-31', DEBIAN),
  os('SUSE Linux Enterprise Server 11', /(sles|suse)\D*11(?!\d)/, '2019-03-31', SUSE),
  os('SUSE Linux Enterprise Server 12', /(sles|suse)\D*12(?!\d)/, '2024-10-31', SUSE),
  os('SUSE Linux Enterprise Server 15', /(sles|suse)\D*15(?!\d)/, '2031-07-31', SUSE),
  os('Oracle Linux 6', /oracle\D*6(?!\d{2})/, '2021-03-31', ORACLE),
  os('Oracle Linux 7', /oracle\D*7(?!\d{2})/, '2024-12-31', ORACLE),
];

/** Images write `18_04-lts`, `7-LVM` and `WindowsServer`; the agent writes `18.04`. */
const plainText = (text: string): string =>
  text.toLowerCase().replaceAll('_', '.').replaceAll('-', ' ').replace('windowsserver', 'windows server');

/** The check of the maker's support. Empty for an operating system that the table does not know. */
export function checkOsSupport(osText: string | null, now: string): readonly ReadinessCheck[] {
  const text = plainText(osText ?? '');
  const known = OS_SUPPORT.find(({ pattern }) => pattern.test(text));
  if (!known) return [];
  const check = { id: 'PRE-10', name: 'Support of the operating system' };
  if (now.slice(0, 10) <= known.lastDay)
    return [
      {
        ...check,
        verdict: 'pass',
        message: `The maker of ${known.name} supports it until ${known.lastDay} (${known.source}).`,
        remedy: null,
      },
    ];
  return [
    {
      ...check,
      verdict: 'warn',
      message:
        `The maker of ${known.name} has not supported it since ${known.lastDay} (${known.source}). It gets no ` +
        'updates, and Azure may not help when it does not start after a failover.',
      remedy: 'Plan the move to a supported version. Replication can be enabled meanwhile.',
    },
  ];
}
