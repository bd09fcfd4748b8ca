import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generateEstate } from '../../../desk/estates/generate.ts';
import { EstateError, loadEstate } from '../../../desk/estates/load.ts';

const contosoText = readFileSync(join(import.meta.dirname, '../../../desk/estates/contoso.yaml'), 'utf8');

function loadText(text: string): () => unknown {
  const file = join(mkdtempSync(join(tmpdir(), 'estate-')), 'estate.yaml');
  writeFileSync(file, text);
  return () => loadEstate(file);
}

describe('estates', () => {
  it('come by name', () => {
    const estate = loadEstate('contoso');
    expect(estate.vaults.flatMap((vault) => vault.protectedItems.map((item) => item.name))).toEqual(['web', 'app', 'sql']);
  });

  it('say where something is wrong and what there is instead', () => {
    expect(loadText(contosoText.replace('region: eastasia, containers', 'region: eastasai, containers'))).toThrow('vaults[0].fabrics[0].region: no region named "eastasai" (there is: eastasia, southeastasia)');
    expect(loadText(contosoText.replace('sizeInGb: 1024', 'sizeInGb: much'))).toThrow('virtualMachines[2].disks[1].sizeInGb');
    expect(loadText(`${contosoText}\ncloud: big\n`)).toThrow('Unrecognized key: "cloud"');
    expect(loadText(contosoText.replace('virtualMachine: app', 'virtualMachine: web'))).toThrow('virtual machine "web" is replicated twice');
    expect(loadText('a: [')).toThrow(EstateError);
    expect(() => loadEstate('atlantis')).toThrow('There is no estate "atlantis"');
  });

  it('are made in any size', () => {
    const estate = generateEstate({ vms: 2500, vaults: 3 });
    expect(estate.virtualMachines).toHaveLength(2500);
    expect(estate.vaults.map((vault) => vault.protectedItems.length)).toEqual([834, 833, 833]);
    expect(new Set(estate.virtualMachines.map((machine) => machine.nic.privateAddress)).size).toBe(2500);
  });
});
