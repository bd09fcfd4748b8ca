// The checks that a person must do by hand, with instructions, because Azure has no data for them.
// Pure.
import { cloudOf, firewallText } from '../../../enabling/clouds.ts';
import type { SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import type { ReadinessCheck } from '../../../enabling/preview.ts';

const manualCheck = (id: string, name: string, message: string, remedy: string): ReadinessCheck => ({
  id,
  name,
  verdict: 'manual',
  message,
  remedy,
});

const OFFLINE_NETWORK_REMEDY =
  'A network without internet: bring the trusted roots in by the way that the organisation has for it.';

/** The check of the root certificates inside the VM. */
export const checkRootCertificates = (vm: SourceVm): ReadinessCheck =>
  manualCheck(
    'PRE-6',
    'Trusted root certificates',
    'Without the current trusted root certificates the VM cannot register with Site Recovery.',
    vm.osType === 'Windows'
      ? `Install all updates of Windows in the VM; they bring the roots. ${OFFLINE_NETWORK_REMEDY}`
      : 'Follow the guidance of the Linux distributor for the latest trusted roots and ' +
          `certificate revocation list in the VM. ${OFFLINE_NETWORK_REMEDY}`,
  );

/** The check of the operating system version. */
export const checkOsVersion = (vm: SourceVm): ReadinessCheck =>
  manualCheck(
    'PRE-10',
    'Version of the operating system',
    vm.os === null
      ? `Azure shows that the VM runs ${vm.osType}, but not the version or the kernel.`
      : `Azure shows that the VM runs ${vm.os}, but not whether Site Recovery supports this version` +
          `${vm.osType === 'Linux' ? ' with its kernel' : ''}.`,
    `Compare the version${vm.osType === 'Linux' ? ' and the kernel' : ''} in the VM with ` +
      'those that Site Recovery supports: list "supportedOperatingSystems" of the vault.',
  );

/** The manual checks of the whole request. */
export function manualChecksOf(scope: RequestScope): readonly ReadinessCheck[] {
  const { source, target, request } = scope;
  const regions = { source: source.region, target: target.region };
  const proxy =
    request.proxy === undefined
      ? manualCheck(
          'PRE-4',
          'Authenticating proxy',
          'The request does not say whether the VMs use a proxy for the internet; Site Recovery does not ' +
            'support one that asks for a sign-in.',
          'Check for such a proxy; if there is one, let the VMs pass it without a sign-in. Then say ' +
            'so in "proxy".',
        )
      : {
          id: 'PRE-4',
          name: 'Authenticating proxy',
          verdict: request.proxy.authenticates ? ('fail' as const) : ('pass' as const),
          message: request.proxy.authenticates
            ? 'The VMs reach the internet through a proxy that asks for a sign-in.'
            : 'No proxy asks the VMs for a sign-in, as the caller says.',
          remedy: request.proxy.authenticates
            ? 'Let the VMs pass it without a sign-in, or go around it.'
            : null,
        };
  return [
    proxy,
    manualCheck(
      'PRE-9',
      'Firewalls and proxies',
      'Lifeboat checks security groups; it cannot see a firewall or proxy in the way of the VMs.',
      `In a firewall or proxy, allow the following. ${firewallText(cloudOf(source.region), regions)}`,
    ),
    manualCheck(
      'PRE-10',
      'Connections from on premises',
      'Whether networks on premises reach the target network (VPN, ExpressRoute, peering, ' +
        'routes, DNS) is not seen.',
      'Check whether every connection that the VMs have from on premises exists to the target ' +
        `network in ${target.region} too, or can be made during a failover.`,
    ),
  ];
}
