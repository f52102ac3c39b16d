using Gateway.Nemesis.History;

namespace Gateway.Nemesis.Checks;

/// <summary>One promise, decided from a history alone. Tests show each of them red once against a falsified history.</summary>
internal abstract class Check(string name)
{
    /// <summary>Number of the invariant and what it says.</summary>
    public string Name { get; } = name;

    /// <summary>Looks at everything that the promise concerns.</summary>
    public Finding Find(RunHistory history)
    {
        var (examined, violations) = (0, new List<string>());
        foreach (var fault in Look(history))
        {
            examined++;
            if (fault is not null)
            {
                violations.Add(fault);
            }
        }

        return new Finding(Name, examined, violations);
    }

    /// <summary>One entry for each thing that was looked at: null when the promise held, else what was found.</summary>
    protected abstract IEnumerable<string?> Look(RunHistory history);

    protected static string? Unless(bool holds, FormattableString fault) => holds ? null : FormattableString.Invariant(fault);
}
