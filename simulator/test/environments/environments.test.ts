import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { generateEnvironment } from '../../environments/generate.ts';
import { EnvironmentError, loadEnvironment } from '../../environments/load.ts';
import { newFolder } from '../raw-requests.ts';

const contosoText = readFileSync(join(import.meta.dirname, '../../environments/contoso.yaml'), 'utf8');

function loadText(text: string): () => unknown {
  const file = join(newFolder('environment'), 'environment.yaml');
  writeFileSync(file, text);
  return () => loadEnvironment(file);
}

describe('environments', () => {
  it('have names', () => {
    const environment = loadEnvironment('contoso');
    expect(environment.vaults.flatMap((vault) => vault.protectedItems.map((item) => item.name))).toEqual([
      'web',
      'app',
      'sql',
      'orders-1',
      'orders-2',
    ]);
  });

  it('show the place of a mistake and the valid names', () => {
    expect(
      loadText(contosoText.replace('region: eastasia, containers', 'region: eastasai, containers')),
    ).toThrow(
      'vaults[0].fabrics[0].region: no region named "eastasai" (there is: eastasia, ' +
        'southeastasia, japaneast, southindia, westindia)',
    );
    expect(loadText(contosoText.replace('sizeInGb: 1024', 'sizeInGb: much'))).toThrow(
      'virtualMachines[2].disks[1].sizeInGb',
    );
    expect(loadText(`${contosoText}\ncloud: big\n`)).toThrow('has unknown fields: "cloud"');
    expect(loadText(contosoText.replace('virtualMachine: app', 'virtualMachine: web'))).toThrow(
      'virtual machine "web" is replicated twice',
    );
    expect(loadText('a: [')).toThrow(EnvironmentError);
    expect(
      loadText(contosoText.replace('availabilitySet: shop-app-set', 'availabilitySet: shop-set')),
    ).toThrow(
      'virtualMachines[5].availabilitySet: no availability set named "shop-set" (there is: ' +
        'shop-app-set, shop-legacy-set)',
    );
    expect(
      loadText(contosoText.replace("zone: '2'", "zone: '2'\n    availabilitySet: shop-app-set")),
    ).toThrow('virtualMachines[4].zone: a machine is in a zone or in an availability set, never in both');
    expect(
      loadText(contosoText.replace('size: Standard_D2s_v3', "size: Standard_D2s_v3\n    zone: '1'")),
    ).toThrow('virtualMachines[16].zone: the region southindia has no zone 1');
    expect(
      loadText(contosoText.replace('securityGroup: ledger-rules', 'securityGroup: ledger-rule')),
    ).toThrow('networks[2].subnets[0].securityGroup: no security group named "ledger-rule"');
    expect(loadText(contosoText.replace('priority: 100,', 'priority: 99,'))).toThrow(
      'securityGroups[0].rules[0].priority',
    );
    expect(loadText(contosoText.replace('[orders-1, orders-2]', '[orders-1, orders-3]'))).toThrow(
      'vaults[0].recoveryPlans[0].groups[0]: no replicated item named "orders-3"',
    );
    expect(loadText(contosoText.replace('[[orders-1, orders-2]]', '[[orders-1], [orders-1]]'))).toThrow(
      'a second replicated item named "orders-1"',
    );
    expect(() => loadEnvironment('atlantis')).toThrow('There is no environment "atlantis"');
  });

  it('can have any size', () => {
    const environment = generateEnvironment({ vms: 2500, vaults: 3 });
    expect(environment.virtualMachines).toHaveLength(2500);
    expect(environment.vaults.map((vault) => vault.protectedItems.length)).toEqual([834, 833, 833]);
    expect(new Set(environment.virtualMachines.map((machine) => machine.nic.privateAddress)).size).toBe(2500);
  });
});
