// What Lifeboat may do in a resource group of replicated VMs, or of those that they become, outside the subscriptions it manages:
// to see them, and what Site Recovery asks of its caller for the resources that a request names.
param name string
param principalId string
param classicModel bool

var agreement = loadJsonContent('agreement.json')
var used = union(agreement.armActions.operate, agreement.armActions.drill, agreement.armActions.groups)
var seen = filter(used, action => !startsWith(action, 'Microsoft.RecoveryServices/'))
var actions = filter(union(seen, agreement.armActions.linked), action => classicModel || !startsWith(action, 'Microsoft.Classic'))

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, name, 'lifeboat-machines')
  properties: {
    roleName: 'Lifeboat machines ${name} (${subscription().subscriptionId} ${resourceGroup().name})'
    description: 'Sees replicated VMs, and lets Site Recovery make and remove them in the name of Lifeboat.'
    type: 'CustomRole'
    permissions: [{ actions: actions, notActions: [] }]
    assignableScopes: [resourceGroup().id]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, role.id)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: role.id }
}
