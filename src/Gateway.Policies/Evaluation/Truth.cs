namespace Gateway.Policies.Evaluation;

/// <summary>What a predicate says of a call.</summary>
internal enum Truth
{
    False,
    True,

    /// <summary>It cannot be said: the argument has a type or a form that the operator does not take. Never lets a call pass.</summary>
    Undefined,
}
