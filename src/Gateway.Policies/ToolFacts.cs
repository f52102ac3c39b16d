namespace Gateway.Policies;

/// <summary>What the engine has to know of a tool, declared where the tool is registered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsStarter">A call of it makes a job.</param>
/// <param name="IsReadOnly">A call of it changes nothing: allowed calls without limits leave no record.</param>
/// <param name="Arguments">The names of its arguments.</param>
public sealed record ToolFacts(string Name, bool IsStarter, bool IsReadOnly, IReadOnlySet<string> Arguments);
