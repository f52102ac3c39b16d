namespace Gateway.ModelStub.Messages;

/// <summary>What goes wrong while an answer is on its way.</summary>
internal enum StreamFault
{
    None,
    DropBefore,
    DropInTheMiddle,
    HangBefore,
    HangInTheMiddle,
    ErrorEvent,
}
