// What Lifeboat may do in a vault that stands outside the subscriptions it manages: to operate and to read what is replicated there.
param name string
param vaultName string
param principalId string

var agreement = loadJsonContent('agreement.json')

resource vault 'Microsoft.RecoveryServices/vaults@2025-02-01' existing = { name: vaultName }

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, name, 'lifeboat')
  properties: {
    roleName: 'Lifeboat ${name} (${resourceGroup().name})'
    description: 'Drives Site Recovery: reads items and jobs, fails over, commits, reprotects.'
    type: 'CustomRole'
    permissions: [{ actions: union(agreement.armActions.operate, agreement.armActions.drill, agreement.armActions.groups, filter(agreement.armActions.read, action => startsWith(action, 'Microsoft.RecoveryServices/'))), notActions: [] }]
    assignableScopes: [resourceGroup().id]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, role.id)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: role.id }
}
