// Mutants of VMs of a vCenter: the way of a reprotect, and the rules of their enabling.
import type { Mutant } from '../mutant.ts';

const WAY_BACK = 'test/shared/scenarios/wayBack.test.ts';
const ENABLING = 'test/scenarios/vmware/enabling.test.ts';
const REPROTECT = 'shared/scenarios/vmwareToAzure/reprotect.ts';
const DRAFT = 'shared/scenarios/vmwareToAzure/enabling/draft.ts';

export const vmware: readonly Mutant[] = [
  {
    id: 'a reprotect home starts without a failback policy',
    file: REPROTECT,
    find: '  if (!policy)\n    missing.push(',
    replace: '  if (false as boolean)\n    missing.push(',
    reason: 'Site Recovery accepts the reprotect, and its job fails much later.',
    test: { file: WAY_BACK, name: 'each missing part of the way is named' },
  },
  {
    id: 'a reprotect home starts while the appliance is silent',
    file: REPROTECT,
    find: 'if (writer && !writer.connected)',
    replace: 'if (false as boolean)',
    reason: 'Nothing would write the disks at home, and the VM would stay without protection.',
    test: { file: WAY_BACK, name: 'each missing part of the way is named' },
  },
  {
    id: 'a reprotect takes the policy of the other direction',
    file: REPROTECT,
    find: 'const wantedForm = leadsHome ? pair.home : pair.toAzure;',
    replace: 'const wantedForm = leadsHome ? pair.toAzure : pair.home;',
    reason: 'Site Recovery would refuse the policy in its job, long after the failover.',
    test: { file: WAY_BACK, name: 'takes the failback policy' },
  },
  {
    id: 'enabling leaves the disk with the operating system out',
    file: DRAFT,
    find: 'if (systemDisk && excluded.has(systemDisk.id))',
    replace: 'if (false as boolean)',
    reason: 'The VM in Azure would never start.',
    test: { file: ENABLING, name: 'a preview refuses wrong settings' },
  },
  {
    id: 'enabling uses an appliance without contact',
    file: 'shared/scenarios/vmwareToAzure/enabling/checks.ts',
    find: 'return server.connected\n',
    replace: 'return (true as boolean)\n',
    reason: 'The job would wait for an agent that nothing installs.',
    test: { file: ENABLING, name: 'an appliance without contact refuses its VMs' },
  },
];
