using Microsoft.Extensions.Options;

namespace Gateway.SagaPersistence;

[OptionsValidator]
internal sealed partial class SagaPersistenceOptionsValidator : IValidateOptions<SagaPersistenceOptions>;
