namespace Gateway.Api.Policies;

/// <summary>How a defect of the policy engine is told: by its kinds, since a message may hold a value of an argument.</summary>
internal static class PolicyFaults
{
    /// <summary>The types of the fault and of what caused it.</summary>
    public static string KindOf(Exception fault) => fault.InnerException is { } cause ? $"{fault.GetType()} because of {KindOf(cause)}" : fault.GetType().ToString();
}
