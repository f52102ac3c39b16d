using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Gateway.Storage;

/// <summary>A compiled query, compiled once for each model: it belongs to one, and each database has a model of its own.</summary>
/// <param name="compile">Compiles it.</param>
internal sealed class PerModel<TQuery>(Func<TQuery> compile)
    where TQuery : class
{
    private readonly ConditionalWeakTable<IModel, TQuery> compiled = [];

    /// <summary>The query for the context's model.</summary>
    public TQuery For(GatewayDb db) => compiled.GetValue(db.Model, _ => compile());
}
