using System.Reflection;
using System.Reflection.Emit;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Extensions.DurableTask;

namespace Lifeboat.DurableExtension;

/// <summary>
/// The WebJobs SDK finds functions as methods with attributes. The names are known only at run time,
/// so the methods are generated: each passes its name and its trigger to <see cref="NodeApp"/>.
/// </summary>
static class GeneratedFunctions
{
    public static Type For(FunctionNames names)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new("GeneratedFunctions"), AssemblyBuilderAccess.Run);
        var type = assembly
            .DefineDynamicModule("functions")
            .DefineType("Functions", TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed);
        foreach (var name in names.Orchestrators)
            Define(type, name, typeof(OrchestrationTriggerAttribute), nameof(NodeApp.RunOrchestrator));
        foreach (var name in names.Activities)
            Define(type, name, typeof(ActivityTriggerAttribute), nameof(NodeApp.RunActivity));
        return type.CreateType();
    }

    static void Define(TypeBuilder type, string name, Type trigger, string target)
    {
        var method = type.DefineMethod(
            $"{target}_{name}",
            MethodAttributes.Public | MethodAttributes.Static,
            typeof(Task<object?>),
            [typeof(string)]);
        method.SetCustomAttribute(new(typeof(FunctionNameAttribute).GetConstructor([typeof(string)])!, [name]));
        method
            .DefineParameter(1, ParameterAttributes.None, "trigger")
            .SetCustomAttribute(new(trigger.GetConstructor(Type.EmptyTypes)!, []));
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Ldstr, name);
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Call, typeof(NodeApp).GetMethod(target)!);
        code.Emit(OpCodes.Ret);
    }
}
