using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Gateway.Hosting.Settings;

/// <summary>A source of settings in which some are not set.</summary>
internal sealed class SourceWithout(IConfigurationSource source, IReadOnlyCollection<string> keys) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(source.Build(builder), keys);

    internal sealed class Provider(IConfigurationProvider inner, IReadOnlyCollection<string> keys) : IConfigurationProvider
    {
        public IConfigurationProvider Inner => inner;

        public bool TryGet(string key, out string? value)
        {
            value = null;
            return !keys.Contains(key, StringComparer.OrdinalIgnoreCase) && inner.TryGet(key, out value);
        }

        public void Set(string key, string? value) => inner.Set(key, value);

        public IChangeToken GetReloadToken() => inner.GetReloadToken();

        public void Load() => inner.Load();

        public IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) => inner.GetChildKeys(earlierKeys, parentPath)
            .Where(child => !keys.Contains(parentPath is null ? child : $"{parentPath}:{child}", StringComparer.OrdinalIgnoreCase));
    }
}
