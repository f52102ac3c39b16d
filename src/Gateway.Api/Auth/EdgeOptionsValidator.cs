using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth;

/// <summary>Checks the attributes of <see cref="EdgeOptions"/>.</summary>
[OptionsValidator]
internal sealed partial class EdgeOptionsValidator : IValidateOptions<EdgeOptions>;
